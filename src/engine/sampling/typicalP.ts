/** Keeps the fewest candidates whose surprise is nearest to the expected one and whose sum reaches `p` (arXiv 2202.00666). */

import { keepWhere, probabilities, type Candidates } from "./candidates.js";
import { fewestReaching } from "./fewestReaching.js";

export function typicalP(candidates: Candidates, p: number): void {
  if (1 <= p) return;
  const chances = probabilities(candidates);
  const entropy = chances.reduce((sum, it) => (it === 0 ? sum : sum - it * Math.log(it)), 0);
  const distances = chances.map((it) => Math.abs(-Math.log(it) - entropy));
  const taken = fewestReaching(distances, chances, p);
  keepWhere(candidates, (i) => taken[i] === 1);
}
