/** How evenly a text's tokens are shared among experts. */

import type { RoutedPlace } from "../protocol/engine.js";

export interface ExpertBalance {
  readonly layer: number;
  /** Of all that the experts did for the text, the part of each; together 1. */
  readonly shares: readonly number[];
  /** Experts that worked on any token. */
  readonly used: number;
  /** From 0, one expert did everything, to 1, all did equally much: entropy of the shares over its maximum. */
  readonly evenness: number;
}

export function expertBalance({ layer, weights }: RoutedPlace): ExpertBalance {
  const sums = (weights[0] ?? []).map((_, expert) => weights.reduce((sum, it) => sum + it[expert]!, 0));
  const total = sums.reduce((a, b) => a + b, 0);
  const shares = sums.map((it) => (total === 0 ? 0 : it / total));
  const entropy = shares.reduce((sum, it) => (it === 0 ? sum : sum - it * Math.log(it)), 0);
  return {
    layer,
    shares,
    used: shares.filter((it) => 0 < it).length,
    evenness: shares.length < 2 ? 1 : entropy / Math.log(shares.length),
  };
}
