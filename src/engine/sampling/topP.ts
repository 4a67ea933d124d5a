/** Keeps the fewest likeliest candidates whose probabilities reach `p` (nucleus sampling, arXiv 1904.09751). */

import { keepWhere, weigh, type Candidates } from "./candidates.js";
import { lastNeeded } from "./lastNeeded.js";

/** Of equal candidates those with the lower ids are kept. The likeliest always stays. */
export function topP(candidates: Candidates, p: number): void {
  const { logits, weights, keys, count } = candidates;
  if (1 <= p || count === 0) return;
  const sum = weigh(candidates);
  for (let i = 0; i < count; i++) keys[i] = -logits[i]!;
  const last = lastNeeded(keys, weights, count, p * sum);
  keepWhere(candidates, (i) => keys[i]! < last.key || (keys[i] === last.key && i <= last.index));
}
