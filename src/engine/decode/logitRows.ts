/** What the model says after each of several tokens. */

/** Of `logits` [count, vocabulary], each row [vocabulary]: views, not copies. */
export function logitRows(logits: Float32Array, count: number): Float32Array[] {
  const size = logits.length / count;
  return Array.from({ length: count }, (_, i) => logits.subarray(i * size, (i + 1) * size));
}
