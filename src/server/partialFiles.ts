/** Reads partials from disk for the language server: `name` is `_name.prompt` beside the prompt that uses it. */

import { readFileSync } from "node:fs";
import { dirname, join, relative, isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";

/** Undefined when there is no such file, or it lies outside the prompt's folder. */
export function readPartial(uri: string, name: string): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  const folder = dirname(fileURLToPath(uri));
  const path = join(folder, name.replace(/([^/]+)$/, "_$1.prompt"));
  const inside = relative(folder, path);
  if (inside.startsWith("..") || isAbsolute(inside)) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Missing and unreadable are one to the prompt: the partial cannot be used.
    return undefined;
  }
}
