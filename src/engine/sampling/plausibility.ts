/** The plausibility constraint of contrastive decoding (arXiv 2210.15097): what a model hardly believes is not chosen. */

/** In nats: so far below all others that its probability is 0, and still finite, so that a mask can leave nothing else. */
const DROPPED = 1e4;

/**
 * Tokens whose probability by `logits` [vocabulary] is below `alpha` times the largest are dropped: the result puts them
 * behind all others, in their order by `logits`. Looks at `logits` now, so that `scores` may be the same array later.
 */
export function dropImplausible(logits: Float32Array, alpha: number): (scores: Float32Array) => Float32Array {
  if (alpha === 0) return (scores) => scores;
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) if (largest < logits[i]!) largest = logits[i]!;
  const least = largest + Math.log(alpha);
  const dropped: [id: number, below: number][] = [];
  for (let i = 0; i < logits.length; i++) if (!(least <= logits[i]!)) dropped.push([i, logits[i]! - largest]);
  return (scores) => {
    for (const [id, below] of dropped) scores[id] = below - DROPPED;
    return scores;
  };
}
