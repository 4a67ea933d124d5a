/** Keeps the surprise of the text near a target, by dropping what is more surprising than `mu` (arXiv 2007.14966). */

import { keepWhere, largestLogit, weigh, type Candidates } from "./candidates.js";

/** Drops candidates whose surprise, -log2 p, is above `mu` bits. The likeliest always stays; of equal ones the first. */
export function mirostat2(candidates: Candidates, mu: number): void {
  const { logits, count } = candidates;
  if (count === 0) return;
  const sum = weigh(candidates);
  const best = logits.indexOf(largestLogit(candidates));
  const least = logits[best]! + Math.log(sum) - mu * Math.LN2;
  keepWhere(candidates, (i) => i === best || least <= logits[i]!);
}

/** The next `mu`, after a token of this surprise (bits, among the candidates that were left) was drawn. */
export function nextMu(
  mu: number,
  surprise: number,
  { tau, eta }: { readonly tau: number; readonly eta: number },
): number {
  return mu - eta * (surprise - tau);
}
