/** Adds to the logits of single tokens. */

/** `bias` has pairs of a token id and what is added to its logit; ids outside the vocabulary are ignored. */
export function logitBias(logits: Float32Array, bias: Iterable<readonly [id: number, value: number]>): void {
  for (const [id, value] of bias) if (id < logits.length) logits[id]! += value;
}
