/** Keeps candidates at least `p` times as likely as the likeliest (arXiv 2407.01082). */

import { best, keepWhere, type Candidates } from "./candidates.js";

export function minP(candidates: Candidates, p: number): void {
  const at = best(candidates);
  if (at < 0 || p <= 0) return;
  const { logits } = candidates;
  const least = logits[at]! + Math.log(p);
  keepWhere(candidates, (i) => least <= logits[i]!);
}
