/** Which files and folders of a folder are models. Loads nothing and reads no file. */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { isLaterShard } from "./gguf/shards.js";
import { isOnnxFolder } from "./onnxFolder/onnxFolder.js";

export interface ModelPath {
  /** The file's name without its ending, or the folder's. */
  readonly name: string;
  readonly path: string;
}

/** In the order of their names. A folder that is not there holds none; of a model in several files the first stands for all. */
export function modelsIn(folder: string): ModelPath[] {
  try {
    return readdirSync(folder)
      .filter((it) => isModel(folder, it))
      .sort()
      .map((it) => ({ name: it.replace(/\.gguf$/i, ""), path: join(folder, it) }));
  } catch {
    return []; // there is no such folder, or it may not be read
  }
}

function isModel(folder: string, name: string): boolean {
  const path = join(folder, name);
  return /\.gguf$/i.test(name) ? !isLaterShard(name) && isFile(path) : isOnnxFolder(path);
}

/** Whether something is there that could be one. */
export function isModelPath(path: string): boolean {
  return isFile(path) || isOnnxFolder(path);
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
