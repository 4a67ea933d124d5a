/** What `run` and `generate` have in common: where the result goes, and small rules of their options. */

import { TillerError } from "../base/error.js";
import type { OptionSpecs } from "./optionSpec.js";

export const outOption = {
  out: { type: "string", short: "o", value: "FILE", help: "Write the result to this file, whole or not at all." },
} as const satisfies OptionSpecs;

export function checkStream({ json, stream, out }: { json: boolean; stream: boolean; out: string | undefined }): void {
  if (stream && !json) throw new TillerError("usage", "--stream belongs to --json; without it text streams anyway.");
  if (stream && out !== undefined) throw new TillerError("usage", "--stream writes to stdout; leave out --out.");
}

/** A shell has no easy way to type a line break. */
export function unescaped(text: string): string {
  return text.replace(/\\([nrt\\])/g, (_, letter: string) => escapes[letter]!);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\" };
