/** Which files and folders of a folder are models, and which files are vision parts of models. Loads nothing and reads no file. */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { isVisionName } from "../base/modelName.js";
import { isLaterShard } from "./gguf/shards.js";
import { isOnnxFolder } from "./onnxFolder/onnxFolder.js";

export interface ModelPath {
  /** The file's name without its ending, or the folder's. */
  readonly name: string;
  readonly path: string;
}

/** In the order of their names. A folder that is not there holds none; of a model in several files the first stands for all. */
export function modelsIn(folder: string): ModelPath[] {
  return namesIn(folder)
    .filter((it) => isModel(folder, it))
    .map((it) => ({ name: it.replace(/\.gguf$/i, ""), path: join(folder, it) }));
}

/** Paths of the files that are called vision parts, in the order of their names. */
export function visionFilesIn(folder: string): string[] {
  return namesIn(folder)
    .filter((it) => isGguf(it) && isVisionName(it) && isFile(join(folder, it)))
    .map((it) => join(folder, it));
}

function isModel(folder: string, name: string): boolean {
  const path = join(folder, name);
  if (!isGguf(name)) return isOnnxFolder(path);
  return !isVisionName(name) && !isLaterShard(name) && isFile(path);
}

function isGguf(name: string): boolean {
  return /\.gguf$/i.test(name);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // there is no such folder, or it may not be read
  }
}

/** Whether something is there that could be one. */
export function isModelPath(path: string): boolean {
  return isFile(path) || isOnnxFolder(path);
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
