// wrong-shot-select: a setting of `tiller.shotSelect` has a value that it cannot have.

import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { readShotSelect } from "../shots/shotSelect.js";

export function wrongShotSelect({ file }: CheckContext): Diagnostic[] {
  return readShotSelect(file).diagnostics.filter((it) => it.code !== "wrong-type");
}
