/** Reads partials and files of shots from disk for the language server: partial `name` is `_name.prompt` beside the prompt. */

import { readFileSync } from "node:fs";
import { dirname, join, relative, isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";

/** Undefined when there is no such file, or it lies outside the prompt's folder. */
export function readPartial(uri: string, name: string): string | undefined {
  return readBelow(uri, name.replace(/([^/]+)$/, "_$1.prompt"));
}

/** As `readPartial`, for a file of shots. */
export function readShotsFile(uri: string, name: string): string | undefined {
  return readBelow(uri, name);
}

function readBelow(uri: string, name: string): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  const folder = dirname(fileURLToPath(uri));
  const path = join(folder, name);
  const inside = relative(folder, path);
  if (inside.startsWith("..") || isAbsolute(inside)) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Missing and unreadable are one to the prompt: the file cannot be used.
    return undefined;
  }
}
