// wrong-compare: a setting of `tiller.compare` has a value that it cannot have.

import type { CheckContext } from "../checkContext.js";
import { readCompare } from "../compareSettings.js";
import type { Diagnostic } from "../diagnostic.js";

export function wrongCompare({ file }: CheckContext): Diagnostic[] {
  return [...readCompare(file).diagnostics];
}
