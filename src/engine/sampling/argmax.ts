/** The likeliest token: all that is needed at temperature 0. */

/**
 * The id of the largest of `logits` [vocabulary] among those that the bit set `mask` allows (all, when there is none); of equal
 * ones the lowest. What is not a number counts as the worst. -1 when the mask allows nothing.
 */
export function argmax(logits: Float32Array, mask?: Uint32Array): number {
  return mask === undefined ? ofAll(logits) : ofAllowed(logits, mask);
}

function ofAll(logits: Float32Array): number {
  let best = logits.length === 0 ? -1 : 0;
  let largest = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (!(largest < logit)) continue;
    best = id;
    largest = logit;
  }
  return best;
}

function ofAllowed(logits: Float32Array, mask: Uint32Array): number {
  let best = -1;
  let largest = -Infinity;
  const words = Math.min(mask.length, Math.ceil(logits.length / 32));
  for (let word = 0; word < words; word++) {
    for (let bits = mask[word]!; bits !== 0; bits &= bits - 1) {
      const id = word * 32 + 31 - Math.clz32(bits & -bits);
      if (logits.length <= id) break;
      const logit = logits[id]!;
      if (best !== -1 && !(largest < logit)) continue;
      best = id;
      // The first one counts whatever it is; NaN would then win every comparison.
      largest = Number.isNaN(logit) ? -Infinity : logit;
    }
  }
  return best;
}
