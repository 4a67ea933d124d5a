/** Contrastive decoding (arXiv 2210.15097): expert over amateur, where the expert finds a token plausible at all. */

import { logSumExp } from "./logSoftmax.js";
import { dropImplausible } from "./plausibility.js";

export interface ContrastiveOptions {
  /** How much of the amateur is taken off; 1 (the default) is the paper's. */
  readonly strength?: number;
  /** Where the result is written; it may be one of the others. */
  readonly out?: Float32Array;
}

/**
 * log p - strength log p_amateur where p >= alpha max p; the others are dropped. `alpha` is from 0 (everything is plausible)
 * to 1 (only the likeliest). All arrays are [vocabulary].
 */
export function contrastive(
  expert: Float32Array,
  amateur: Float32Array,
  alpha: number,
  { strength = 1, out = new Float32Array(expert.length) }: ContrastiveOptions = {},
): Float32Array {
  const sumE = logSumExp(expert);
  const sumA = logSumExp(amateur);
  const implausible = dropImplausible(expert, alpha);
  for (let i = 0; i < out.length; i++) out[i] = expert[i]! - sumE - strength * (amateur[i]! - sumA);
  return implausible(out);
}
