/** The tests of a prompt, by name. */

import { TillerError } from "../base/error.js";
import { parse } from "../lang/parser.js";
import { readTests } from "../lang/tests/promptTest.js";
import { nodeFiles } from "../runner/nodeFiles.js";

/** Undefined for a file that cannot be read, and for tests that are wrong. */
export function testNames(path: string): readonly string[] | undefined {
  try {
    const { file } = parse(nodeFiles.read(path));
    const { tests, diagnostics } = readTests(file);
    if (0 < diagnostics.length) return undefined;
    const cases = tests.filter((it) => it.input !== undefined);
    return (0 < cases.length ? cases : tests).map((it) => it.name);
  } catch (error) {
    if (error instanceof TillerError) return undefined;
    throw error;
  }
}
