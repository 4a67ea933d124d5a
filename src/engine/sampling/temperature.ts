/** Divides the logits: below 1 the likely become likelier, above 1 the choice becomes more even. Not for 0. */

import { largestLogit, type Candidates } from "./candidates.js";

export function temperature(candidates: Candidates, value: number): void {
  if (value === 1) return;
  const { logits, count } = candidates;
  const largest = largestLogit(candidates);
  if (largest === -Infinity) return;
  // Probabilities depend on differences only; without this a small temperature makes infinite logits.
  for (let i = 0; i < count; i++) logits[i] = (logits[i]! - largest) / value;
}
