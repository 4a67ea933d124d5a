/** Contrastive decoding (arXiv 2210.15097): expert over amateur, where the expert finds a token plausible at all. */

import { logSumExp } from "./logSoftmax.js";

/**
 * log p - log p_amateur where p >= alpha max p, else -Infinity. `alpha` is from 0 (everything is plausible) to 1 (only the
 * likeliest). All arrays are [vocabulary]; `out` may be one of the others.
 */
export function contrastive(
  expert: Float32Array,
  amateur: Float32Array,
  alpha: number,
  out: Float32Array = new Float32Array(expert.length),
): Float32Array {
  const sumE = logSumExp(expert);
  const sumA = logSumExp(amateur);
  let largest = -Infinity;
  for (let i = 0; i < expert.length; i++) if (largest < expert[i]!) largest = expert[i]!;
  const least = largest + Math.log(alpha);
  for (let i = 0; i < out.length; i++) {
    const e = expert[i]!;
    out[i] = least <= e ? e - sumE - (amateur[i]! - sumA) : -Infinity;
  }
  return out;
}
