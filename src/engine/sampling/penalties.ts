/** Makes tokens that were written before less likely. `history` are the tokens that count, in any order. */

/** Divides positive logits by `value` and multiplies negative ones (arXiv 1909.05858), once for each token that occurred. */
export function repetitionPenalty(logits: Float32Array, value: number, history: Iterable<number>): void {
  for (const id of new Set(history)) {
    const logit = logits[id];
    if (logit !== undefined) logits[id] = 0 < logit ? logit / value : logit * value;
  }
}

/** Subtracts `value` for every occurrence. */
export function frequencyPenalty(logits: Float32Array, value: number, history: Iterable<number>): void {
  const counts = new Map<number, number>();
  for (const id of history) counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const [id, count] of counts) if (id < logits.length) logits[id]! -= value * count;
}

/** Subtracts `value` once for each token that occurred. */
export function presencePenalty(logits: Float32Array, value: number, history: Iterable<number>): void {
  for (const id of new Set(history)) if (id < logits.length) logits[id]! -= value;
}
