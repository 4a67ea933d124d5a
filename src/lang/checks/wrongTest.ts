// wrong-test: an entry of `tiller.tests` has a value that it cannot have.

import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { readTests } from "../tests/promptTest.js";

export function wrongTest({ file }: CheckContext): Diagnostic[] {
  return [...readTests(file).diagnostics];
}
