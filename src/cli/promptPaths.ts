/** Finds the `.prompt` files that a command is to look at. */

import { readdirSync, statSync, type Dirent } from "node:fs";
import { join, relative, resolve } from "node:path";

import { TillerError } from "../base/error.js";

export interface PromptPath {
  readonly path: string;
  /** As it is shown: what the user wrote, and for a file of a folder the way there from it. */
  readonly name: string;
}

/** Files as they are, folders with all that is in them; hidden folders and node_modules are left out. */
export function findPrompts(cwd: string, given: readonly string[]): PromptPath[] {
  const found = new Map<string, PromptPath>();
  for (const it of given) {
    const path = resolve(cwd, it);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw new TillerError("file-not-found", `There is no file or folder ${it}.`);
    if (stats.isDirectory()) {
      for (const file of promptsIn(path)) found.set(file, { path: file, name: join(it, relative(path, file)) });
    } else found.set(path, { path, name: it });
  }
  return [...found.values()];
}

function promptsIn(folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith(".") || entry.name === "node_modules" ? [] : promptsIn(path);
    // A link to a file counts, a link to a folder does not: it could lead in a circle.
    return entry.name.endsWith(".prompt") && statSync(path, { throwIfNoEntry: false })?.isFile() === true ? [path] : [];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new TillerError("file-unreadable", `The folder ${folder} cannot be read (${reason}).`, { cause: error });
  }
}
