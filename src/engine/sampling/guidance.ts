/** Combines the logits of several branches of one text. All arrays are [vocabulary]; results are new arrays. */

/** log p of every token: logits minus their log-sum-exp, summed in float64. */
export function logSoftmax(logits: Float32Array): Float32Array {
  const largest = logits.reduce((a, b) => (a < b ? b : a), -Infinity);
  let sum = 0;
  for (const it of logits) sum += Math.exp(it - largest);
  const total = largest + Math.log(sum);
  return logits.map((it) => it - total);
}

/** Classifier-free guidance (arXiv 2306.17806): from the unconditional branch towards, and beyond, the conditional one. */
export function classifierFreeGuidance(
  conditional: Float32Array,
  unconditional: Float32Array,
  strength: number,
): Float32Array {
  const c = logSoftmax(conditional);
  const u = logSoftmax(unconditional);
  return c.map((it, i) => u[i]! + strength * (it - u[i]!));
}

/** Contrastive decoding (arXiv 2210.15097): expert over amateur, where the expert finds a token plausible at all. */
export function contrastive(expert: Float32Array, amateur: Float32Array, alpha: number): Float32Array {
  const e = logSoftmax(expert);
  const a = logSoftmax(amateur);
  const least = e.reduce((x, y) => (x < y ? y : x), -Infinity) + Math.log(alpha);
  return e.map((it, i) => (least <= it ? it - a[i]! : -Infinity));
}

/** DExperts (arXiv 2105.03023): away from the anti-expert, towards the expert, on raw logits. */
export function dexperts(
  base: Float32Array,
  expert: Float32Array,
  antiExpert: Float32Array,
  strength: number,
): Float32Array {
  return base.map((it, i) => it + strength * (expert[i]! - antiExpert[i]!));
}
