/** Keeps the surprise of the text near a target, by dropping what is more surprising than `mu` (arXiv 2007.14966). */

import { best, keepWhere, probabilities, type Candidates } from "./candidates.js";

/** Drops candidates whose surprise, -log2 p, is above `mu` bits. The likeliest always stays. */
export function mirostat2(candidates: Candidates, mu: number): void {
  const chances = probabilities(candidates);
  const at = best(candidates);
  keepWhere(candidates, (i) => i === at || -Math.log2(chances[i]!) <= mu);
}

/** The next `mu`, after a token of this surprise (bits, among the candidates that were left) was drawn. */
export function nextMu(
  mu: number,
  surprise: number,
  { tau, eta }: { readonly tau: number; readonly eta: number },
): number {
  return mu - eta * (surprise - tau);
}
