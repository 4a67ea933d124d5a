/** One file as `tiller fmt` would have it. Loads the language, and so is imported when needed. */

import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { formatPrompt } from "../lang/format/formatPrompt.js";
import { decodeText, readText } from "../runner/textFile.js";

export interface FormattedFile {
  /** With its byte order mark, if it has one. */
  readonly text: string;
  readonly changed: boolean;
  /** Why the file stays as it is. */
  readonly refused?: string;
}

/** Throws a `TillerError` for a file that cannot be read. */
export function formatFile(path: string): FormattedFile {
  let bytes: Uint8Array = new Uint8Array();
  const text = readText(path, (it) => (bytes = readFileSync(it)));
  return formatted(bytes, text, basename(path).startsWith("_") ? "partial" : "prompt");
}

export function formatBytes(bytes: Uint8Array, name: string): FormattedFile {
  return formatted(bytes, decodeText(bytes, name), "prompt");
}

function formatted(bytes: Uint8Array, text: string, kind: "prompt" | "partial"): FormattedFile {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? "\uFEFF" : "";
  const result = formatPrompt(text, kind);
  if ("refused" in result) return { text: mark + text, changed: false, refused: result.refused };
  return { text: mark + result.text, changed: result.text !== text };
}
