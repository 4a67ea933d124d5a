// wrong-adapter: an entry of `tiller.adapters` or `tiller.routing` has a value that it cannot have.

import { readAdapters } from "../adapters.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";

export function wrongAdapter({ file }: CheckContext): Diagnostic[] {
  return [...readAdapters(file).diagnostics];
}
