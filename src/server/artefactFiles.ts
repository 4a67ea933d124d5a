/** Where models and adapters lie that prompts name. Looks at folders; loads and reads no weights. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";

import { isVisionName } from "../base/modelName.js";

export interface ArtefactFolders {
  readonly models: readonly string[];
  readonly adapters: readonly string[];
}

/** Those that are there without anybody saying so: the user's own, and what comes with Tiller, whose folder is `root`. */
export function usualFolders(root: string): ArtefactFolders {
  const own = join(homedir(), ".tiller");
  return {
    models: [join(own, "models"), join(root, "models")],
    adapters: [join(own, "adapters"), join(root, "examples", "adapters")],
  };
}

/** The file that `model: name` of the prompt at `path` means. `known` are model files of the workspace. */
export function findModel(
  path: string,
  name: string,
  folders: ArtefactFolders,
  known: readonly string[],
): string | undefined {
  const own = resolve(dirname(path), name);
  if (own.toLowerCase().endsWith(".gguf") && isFile(own)) return own;
  const wanted = bare(name);
  return [...folders.models.flatMap(modelsIn), ...known].find((it) => bare(it) === wanted);
}

/** The folder or GGUF file that an adapter's name or `uri` means, in the order in which a run looks for it. */
export function findAdapter(path: string, name: string, folders: ArtefactFolders): string | undefined {
  const own = resolve(dirname(path), name);
  if (isAdapter(own)) return own;
  if (isAbsolute(name) || name.split(/[\\/]/).includes("..")) return undefined;
  return [...folders.adapters, ...foldersAbove(path)]
    .flatMap((folder) => ["", ".gguf", ".lora.gguf", ".control-vector.gguf"].map((it) => join(folder, `${name}${it}`)))
    .find(isAdapter);
}

export function modelsIn(folder: string): readonly string[] {
  // A vision part is no model by itself: it lies beside its model, and is found there.
  return entriesOf(folder).filter((it) => /\.gguf$/i.test(it) && !isVisionName(basename(it)) && isFile(it));
}

export function adaptersIn(folder: string): readonly string[] {
  return entriesOf(folder).filter(isAdapter);
}

/** `adapters` beside the prompt, then in each folder above it, nearest first. */
export function foldersAbove(path: string): readonly string[] {
  const found: string[] = [];
  for (let folder = dirname(path), above = ""; folder !== above; [folder, above] = [dirname(folder), folder])
    found.push(join(folder, "adapters"));
  return found;
}

/** Whether a model's file means this name: case and ending do not matter. */
function bare(name: string): string {
  return basename(name)
    .toLowerCase()
    .replace(/\.gguf$/, "");
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((it) => join(folder, it));
  } catch {
    return []; // what is not there holds nothing
  }
}

function isAdapter(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  return stats.isDirectory() ? existsSync(join(path, "adapter_config.json")) : path.toLowerCase().endsWith(".gguf");
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
