/** DExperts (arXiv 2105.03023): away from the anti-expert, towards the expert. */

/** base + strength (expert - antiExpert), on raw logits. All arrays are [vocabulary]; `out` may be one of the others. */
export function dexperts(
  base: Float32Array,
  expert: Float32Array,
  antiExpert: Float32Array,
  strength: number,
  out: Float32Array = new Float32Array(base.length),
): Float32Array {
  for (let i = 0; i < out.length; i++) out[i] = base[i]! + strength * (expert[i]! - antiExpert[i]!);
  return out;
}
