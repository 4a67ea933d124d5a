/** Reads probabilities off logits. */

/** log of the sum of exp of all logits: a logit minus it is a log-probability. */
export function logSumExp(logits: Float32Array): number {
  let largest = -Infinity;
  for (const it of logits) if (largest < it) largest = it;
  let sum = 0;
  for (const it of logits) sum += Math.exp(it - largest);
  return largest + Math.log(sum);
}

/** Indices of the `count` largest logits, best first; of equal ones the lower index comes first. */
export function likeliest(logits: Float32Array, count: number): number[] {
  const best: number[] = [];
  if (count === 0) return best;
  let threshold = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (best.length === count && !(threshold < logit)) continue;
    let at = best.length;
    while (0 < at && logits[best[at - 1]!]! < logit) at--;
    best.splice(at, 0, id);
    if (count < best.length) best.pop();
    threshold = logits[best[best.length - 1]!]!;
  }
  return best;
}
