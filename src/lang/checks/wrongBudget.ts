// wrong-budget: a setting of `tiller.budget` has a value that it cannot have.

import { readBudget } from "../budget.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";

export function wrongBudget({ file }: CheckContext): Diagnostic[] {
  return readBudget(file).diagnostics.filter((it) => it.code !== "wrong-type");
}
