/** Reads partials, files of shots and data files from disk for the language server: partial `name` is `_name.prompt` beside the prompt. */

import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { MOST_DATA_BYTES } from "../lang/data/parseData.js";

/** Undefined when there is no such file, or it lies outside the prompt's folder. */
export function readPartial(uri: string, name: string): string | undefined {
  return readBelow(uri, name.replace(/([^/]+)$/, "_$1.prompt"));
}

/** As `readPartial`, for a file of shots. */
export function readShotsFile(uri: string, name: string): string | undefined {
  return readBelow(uri, name);
}

/** As `readPartial`, for a data file; one that the user and not the prompt names (`isGiven`) may lie anywhere. */
export function readDataFile(uri: string, name: string, isGiven: boolean): string | undefined {
  const path = isGiven && isAbsolute(name) ? name : undefined;
  if (path !== undefined && MOST_DATA_BYTES < (statSync(path, { throwIfNoEntry: false })?.size ?? 0)) return undefined;
  return path === undefined ? readBelow(uri, name) : readIfThere(path);
}

/** The absolute path of a picture in the prompt's folder or below, or anywhere for one that the user names (`isGiven`). */
export function findPicture(uri: string, name: string, isGiven: boolean): string | undefined {
  const path = isGiven && uri.startsWith("file:") ? resolve(dirname(fileURLToPath(uri)), name) : pathBelow(uri, name);
  return path !== undefined && statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : undefined;
}

function readBelow(uri: string, name: string): string | undefined {
  const path = pathBelow(uri, name);
  return path === undefined ? undefined : readIfThere(path);
}

function pathBelow(uri: string, name: string): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  const folder = dirname(fileURLToPath(uri));
  const path = join(folder, name);
  const inside = relative(folder, path);
  return inside.startsWith("..") || isAbsolute(inside) ? undefined : path;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Missing and unreadable are one to the prompt: the file cannot be used.
    return undefined;
  }
}
