/** Which files of a folder are models, and which are vision parts of models. Loads nothing and reads no file. */

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
  return ggufFiles(folder)
    .filter((it) => !isVisionName(it) && !isLaterShard(it))
    .map((it) => ({ name: it.slice(0, -".gguf".length), path: join(folder, it) }));
}

/** Paths of the files that are called vision parts, in the order of their names. */
export function visionFilesIn(folder: string): string[] {
  return ggufFiles(folder)
    .filter(isVisionName)
    .map((it) => join(folder, it));
}

/** llama.cpp's tools and all who publish such files call them so. */
function isVisionName(name: string): boolean {
  return /mmproj/i.test(name);
}

function ggufFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((it) => /\.gguf$/i.test(it) && isFile(join(folder, it)))
      .sort();
  } catch {
    return []; // there is no such folder, or it may not be read
  }
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
