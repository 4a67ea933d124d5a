/** Prompts and partials on disk. The partial `tone` lies beside the prompt as `_tone.prompt`, `legal/tone` in `legal`. */

import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import type { PromptFiles } from "./promptFiles.js";
import { readText } from "./textFile.js";

export const nodeFiles: PromptFiles = {
  read: (path) => readText(path, (it) => readFileSync(it)),
  partial(path, name) {
    const file = partialPath(path, name);
    if (file === undefined || statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
    return readText(file, (it) => readFileSync(it));
  },
};

/** Undefined for names that lead out of the prompt's folder: a prompt must not read what it was not given. */
export function partialPath(path: string, name: string): string | undefined {
  const steps = name.split("/");
  if (steps.some((it) => it === "" || it === "." || it === ".." || /[\\:\0]/.test(it))) return undefined;
  return join(dirname(path), ...steps.slice(0, -1), `_${steps.at(-1)!}.prompt`);
}
