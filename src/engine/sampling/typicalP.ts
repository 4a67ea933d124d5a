/** Keeps the fewest candidates whose surprise is nearest to the expected one and whose sum reaches `p` (arXiv 2202.00666). */

import { keepWhere, largestLogit, weigh, type Candidates } from "./candidates.js";
import { lastNeeded } from "./lastNeeded.js";

/** Of candidates that are equally near those with the lower ids are kept. At least one stays. */
export function typicalP(candidates: Candidates, p: number): void {
  const { logits, weights, keys, count } = candidates;
  if (1 <= p || count === 0) return;
  const sum = weigh(candidates);
  const largest = largestLogit(candidates);
  if (largest === -Infinity) return;
  // With d = largest - logit, a token's surprise is d + log sum and the entropy is the mean of d + log sum. What they have
  // in common drops out of their difference.
  let mean = 0;
  for (let i = 0; i < count; i++) {
    const distance = largest - logits[i]!;
    keys[i] = distance;
    if (0 < weights[i]!) mean += (weights[i]! / sum) * distance;
  }
  for (let i = 0; i < count; i++) keys[i] = Math.abs(keys[i]! - mean);
  const last = lastNeeded(keys, weights, count, p * sum);
  keepWhere(candidates, (i) => keys[i]! < last.key || (keys[i] === last.key && i <= last.index));
}
