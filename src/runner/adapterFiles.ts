/** Where the adapters that prompts name lie on disk. */

import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

import { TillerError } from "../base/error.js";

/** As in `PromptFiles`. */
export function findAdapter(path: string, name: string, folders: readonly string[]): string | undefined {
  const own = resolve(dirname(path), name);
  if (isAdapter(own)) return own;
  if (isAbsolute(name)) return undefined;
  return [...folders, ...foldersAbove(path)].map((it) => adapterIn(it, name)).find((it) => it !== undefined);
}

/** An adapter in the folder by its name: `pirate` is `pirate`, `pirate.gguf`, `pirate.lora.gguf` or `pirate.control-vector.gguf`. */
export function adapterIn(folder: string, name: string): string | undefined {
  if (name.split(/[\\/]/).includes("..")) return undefined;
  return ["", ".gguf", ".lora.gguf", ".control-vector.gguf"].map((it) => join(folder, `${name}${it}`)).find(isAdapter);
}

/** As in `PromptFiles`. */
export function adaptersIn(path: string, folder: string): readonly string[] {
  const below = resolve(dirname(path), folder);
  const found = entriesOf(below)
    .map((it) => join(below, it))
    .filter(isAdapter)
    .sort();
  if (0 < found.length) return found;
  throw new TillerError(
    "adapter-not-found",
    `There are no adapters in ${below}. Name a folder that holds LoRA adapters.`,
  );
}

/** As in `PromptFiles`. */
export function isWithin(path: string, folders: readonly string[]): boolean {
  const own = realPath(path);
  return folders.some((it) => {
    const steps = relative(realPath(it), own);
    return steps !== ".." && !steps.startsWith(`..${sep}`) && !isAbsolute(steps);
  });
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path); // it is not there
  }
}

export function isAdapter(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  return stats.isDirectory() ? existsSync(join(path, "adapter_config.json")) : path.toLowerCase().endsWith(".gguf");
}

/** `adapters` beside the prompt, then in each folder above it, nearest first. */
function foldersAbove(path: string): string[] {
  const found: string[] = [];
  let folder = dirname(path);
  for (let above = dirname(folder); ; [folder, above] = [above, dirname(above)]) {
    found.push(join(folder, "adapters"));
    if (above === folder) return found;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // said by the caller
  }
}
