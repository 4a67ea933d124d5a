// wrong-attention: a setting of `tiller.attention` has a value that it cannot have, or one that its pattern does not read.

import { readAttention } from "../attention.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";

export function wrongAttention({ file }: CheckContext): Diagnostic[] {
  return readAttention(file).diagnostics.filter((it) => it.code !== "wrong-type");
}
