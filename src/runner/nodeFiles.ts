/**
 * Prompts, partials and files of shots on disk. The partial `tone` lies beside the prompt as `_tone.prompt`, `legal/tone` in
 * `legal`.
 */

import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import type { PromptFiles } from "./promptFiles.js";
import { adaptersIn, findAdapter, isWithin } from "./adapterFiles.js";
import { readText } from "./textFile.js";

export const nodeFiles: PromptFiles = {
  read: (path) => readText(path, (it) => readFileSync(it)),
  partial: (path, name) => readIfThere(partialPath(path, name)),
  shots: (path, name) => readIfThere(shotsPath(path, name)),
  adapter: findAdapter,
  adaptersIn,
  isWithin,
};

function readIfThere(file: string | undefined): string | undefined {
  if (file === undefined || statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  return readText(file, (it) => readFileSync(it));
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
