/** Finds the `.prompt` files that a command is to look at. */

import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";

import { TillerError } from "../base/error.js";

export interface PromptPath {
  readonly path: string;
  /** As it is shown: the way the user named it, or from the folder they are in. */
  readonly name: string;
}

/** Files as they are, folders with all that is in them; hidden folders and node_modules are left out. */
export function findPrompts(cwd: string, given: readonly string[]): PromptPath[] {
  const found = new Map<string, PromptPath>();
  for (const it of given) {
    const path = resolve(cwd, it);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw new TillerError("file-not-found", `There is no file or folder ${it}.`);
    const files = stats.isDirectory() ? promptsIn(path) : [path];
    for (const file of files) found.set(file, { path: file, name: relative(cwd, file) || file });
  }
  return [...found.values()];
}

function promptsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return entry.name.startsWith(".") || entry.name === "node_modules" ? [] : promptsIn(path);
      return entry.isFile() && entry.name.endsWith(".prompt") ? [path] : [];
    });
}
