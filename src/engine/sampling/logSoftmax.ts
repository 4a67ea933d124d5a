/** Logits to log-probabilities. Sums are float64, and no logit is so large that its exp overflows. */

/** log of the sum of exp: a logit minus it is a log-probability. Values that are not numbers are left out. */
export function logSumExp(logits: Float32Array): number {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) if (largest < logits[i]!) largest = logits[i]!;
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const weight = Math.exp(logits[i]! - largest);
    if (0 < weight) sum += weight;
  }
  return largest + Math.log(sum);
}

/** log p of every token. The result is written to `out` [vocabulary], which may be `logits` itself. */
export function logSoftmax(logits: Float32Array, out: Float32Array = new Float32Array(logits.length)): Float32Array {
  const sum = logSumExp(logits);
  for (let i = 0; i < logits.length; i++) out[i] = logits[i]! - sum;
  return out;
}
