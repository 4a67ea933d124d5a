/**
 * Prompts, partials and files of shots on disk. The partial `tone` lies beside the prompt as `_tone.prompt`, `legal/tone` in
 * `legal`.
 */

import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { TillerError } from "../base/error.js";
import { dataEndings, MOST_DATA_BYTES } from "../lang/data/parseData.js";
import type { PromptFiles } from "./promptFiles.js";
import { adaptersIn, findAdapter, isWithin } from "./adapterFiles.js";
import { readText } from "./textFile.js";

export const nodeFiles: PromptFiles = {
  read: (path) => readText(path, (it) => readFileSync(it)),
  partial: (path, name) => readIfThere(partialPath(path, name)),
  shots: (path, name) => readIfThere(shotsPath(path, name)),
  data: (path, name, isGiven) => readData(isGiven ? resolve(dirname(path), name) : dataPath(path, name)),
  picture(path, name, isGiven) {
    const file = isGiven ? resolve(dirname(path), name) : picturePath(path, name);
    return file !== undefined && isFile(file) ? file : undefined;
  },
  adapter: findAdapter,
  adaptersIn,
  isWithin,
};

function readIfThere(file: string | undefined): string | undefined {
  if (file === undefined || !isFile(file)) return undefined;
  return readText(file, (it) => readFileSync(it));
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function readData(file: string | undefined): string | undefined {
  const stats = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  if (file === undefined || stats?.isFile() !== true) return undefined;
  if (stats.size <= MOST_DATA_BYTES) return readText(file, (it) => readFileSync(it));
  const size = `${(stats.size / MOST_DATA_BYTES).toFixed(1)} MiB`;
  throw new TillerError(
    "file-unreadable",
    `${file} has ${size}, and data in a prompt may have 1 MiB. Take the part of it that the prompt is about.`,
  );
}

/** Undefined for names that lead out of the prompt's folder, and for endings that are not those of data. */
export function dataPath(path: string, name: string): string | undefined {
  const isData = dataEndings.some((it) => name.toLowerCase().endsWith(it));
  const steps = isData ? stepsBelow(name) : undefined;
  return steps && join(dirname(path), ...steps);
}

/** Undefined for names that lead out of the prompt's folder. */
export function picturePath(path: string, name: string): string | undefined {
  const steps = stepsBelow(name.replace(/^\.\//, ""));
  return steps && join(dirname(path), ...steps);
}

/** Undefined for names that lead out of the prompt's folder: a prompt must not read what it was not given. */
export function partialPath(path: string, name: string): string | undefined {
  const steps = stepsBelow(name);
  return steps && join(dirname(path), ...steps.slice(0, -1), `_${steps.at(-1)!}.prompt`);
}

/** As `partialPath`. The ending must be `.jsonl`: a prompt is no way to read any other file into a model. */
export function shotsPath(path: string, name: string): string | undefined {
  const steps = name.endsWith(".jsonl") ? stepsBelow(name) : undefined;
  return steps && join(dirname(path), ...steps);
}

function stepsBelow(name: string): readonly string[] | undefined {
  const steps = name.split("/");
  return steps.some((it) => it === "" || it === "." || it === ".." || /[\\:\0]/.test(it)) ? undefined : steps;
}
