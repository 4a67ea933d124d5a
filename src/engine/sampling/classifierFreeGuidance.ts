/**
 * Classifier-free guidance (arXiv 2306.17806; context-aware decoding, arXiv 2305.14739, is the same): from the unconditional
 * branch towards the conditional one, and beyond it.
 */

import { logSumExp } from "./logSoftmax.js";
import { dropImplausible } from "./plausibility.js";

export interface GuidanceOptions {
  /** Tokens less likely under the condition than this part of its likeliest are dropped; 0 (the default) keeps all. */
  readonly plausibility?: number;
  /** Where the result is written; it may be one of the others. */
  readonly out?: Float32Array;
}

/**
 * log p_u + strength (log p_c - log p_u) of every token, not normalised: strength 0 is the unconditional branch, 1 the
 * conditional one. All arrays are [vocabulary].
 */
export function classifierFreeGuidance(
  conditional: Float32Array,
  unconditional: Float32Array,
  strength: number,
  { plausibility = 0, out = new Float32Array(conditional.length) }: GuidanceOptions = {},
): Float32Array {
  const sumC = logSumExp(conditional);
  const sumU = logSumExp(unconditional);
  const implausible = dropImplausible(conditional, plausibility);
  for (let i = 0; i < out.length; i++) {
    const c = conditional[i]! - sumC;
    const u = unconditional[i]! - sumU;
    out[i] = u + strength * (c - u);
  }
  return implausible(out);
}
