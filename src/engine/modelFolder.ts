/** Which files of a folder are models. Loads nothing and reads no file. */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { isLaterShard } from "./gguf/shards.js";

export interface ModelPath {
  /** The file's name without its ending. */
  readonly name: string;
  readonly path: string;
}

/** In the order of their names. A folder that is not there holds none; of a model in several files the first stands for all. */
export function modelsIn(folder: string): ModelPath[] {
  try {
    return readdirSync(folder)
      .filter((it) => /\.gguf$/i.test(it) && !isLaterShard(it) && isFile(join(folder, it)))
      .sort()
      .map((it) => ({ name: it.slice(0, -".gguf".length), path: join(folder, it) }));
  } catch {
    return []; // there is no such folder, or it may not be read
  }
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
