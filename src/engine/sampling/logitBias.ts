/** Adds to the logits of single tokens. Ids outside the vocabulary are ignored. */

export function logitBias(logits: Float32Array, bias: Readonly<Record<number, number>>): void {
  for (const [id, value] of Object.entries(bias)) {
    const index = Number(id);
    if (index < logits.length) logits[index]! += value;
  }
}
