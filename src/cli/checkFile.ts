/** All that can be said of one `.prompt` file without running it. Loads the language, and so is imported when needed. */

import { readFileSync } from "node:fs";

import { TillerError } from "../base/error.js";
import type { Diagnostic } from "../lang/diagnostic.js";
import { schemaDiagnostics } from "../lang/metadata.js";
import { parse } from "../lang/parser.js";
import { readText } from "../runner/textFile.js";

/** A file that cannot be read is reported like any other mistake, so that one of many does not stop the rest. */
export function checkFile(path: string): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  let text: string;
  try {
    text = readText(path, (it) => readFileSync(it));
  } catch (error) {
    if (!(error instanceof TillerError)) throw error;
    const span = { start: 0, end: 0 };
    return { text: "", diagnostics: [{ code: error.code, severity: "error", span, message: error.message }] };
  }
  const { file, diagnostics } = parse(text);
  const all = [...diagnostics, ...schemaDiagnostics(file)];
  return { text, diagnostics: all.sort((a, b) => a.span.start - b.span.start) };
}
