/** Keeps candidates at least `p` times as likely as the likeliest (arXiv 2407.01082). */

import { keepWhere, largestLogit, type Candidates } from "./candidates.js";

export function minP(candidates: Candidates, p: number): void {
  if (p <= 0) return;
  const { logits } = candidates;
  const least = largestLogit(candidates) + Math.log(p);
  keepWhere(candidates, (i) => least <= logits[i]!);
}
