/** All that can be said of one `.prompt` file without running it. Loads the language, and so is imported when needed. */

import { readFileSync } from "node:fs";

import { TillerError } from "../base/error.js";
import { check } from "../lang/check.js";
import type { Diagnostic } from "../lang/diagnostic.js";
import { parse } from "../lang/parser.js";
import { nodeFiles } from "../runner/nodeFiles.js";
import { readText } from "../runner/textFile.js";

/** A file that cannot be read is reported like any other mistake, so that one of many does not stop the rest. */
export function checkFile(path: string): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  const unreadable: Diagnostic[] = [];
  const orReport = (read: () => string | undefined): string | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof TillerError)) throw error;
      unreadable.push({ code: error.code, severity: "error", span: { start: 0, end: 0 }, message: error.message });
      return undefined;
    }
  };
  const text = orReport(() => readText(path, (it) => readFileSync(it)));
  if (text === undefined) return { text: "", diagnostics: unreadable };
  const { file, diagnostics } = parse(text);
  // An unreadable partial is reported as what it is, and only once.
  const partials = new Map<string, string | undefined>();
  const partial = (name: string): string | undefined => {
    if (!partials.has(name))
      partials.set(
        name,
        orReport(() => nodeFiles.partial(path, name)),
      );
    return partials.get(name);
  };
  const shots = (name: string): string | undefined => orReport(() => nodeFiles.shots(path, name));
  const all = [...diagnostics, ...check(file, { partial, shots }), ...unreadable];
  return { text, diagnostics: all.sort((a, b) => a.span.start - b.span.start) };
}
