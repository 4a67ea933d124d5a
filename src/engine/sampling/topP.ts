/** Keeps the fewest likeliest candidates whose probabilities reach `p` (nucleus sampling, arXiv 1904.09751). */

import { keepWhere, probabilities, type Candidates } from "./candidates.js";
import { fewestReaching } from "./fewestReaching.js";

export function topP(candidates: Candidates, p: number): void {
  if (1 <= p) return;
  const chances = probabilities(candidates);
  const taken = fewestReaching(
    chances.map((it) => -it),
    chances,
    p,
  );
  keepWhere(candidates, (i) => taken[i] === 1);
}
