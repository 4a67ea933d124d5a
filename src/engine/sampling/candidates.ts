/** The tokens that may still be drawn. Steps that drop tokens shorten the list, so that later steps have less to do. */

export interface Candidates {
  /** The first `count` are token ids, ascending. */
  readonly ids: Int32Array;
  /** `logits[i]` belongs to `ids[i]`; never NaN, never +Infinity. */
  readonly logits: Float32Array;
  count: number;
}

/** The largest logit we compute with: an infinite one would make every probability NaN. */
const LARGEST = 3.4e38;

/**
 * All tokens that the bit set `mask` allows (all, when there is none); a logit that is not a number counts as the worst.
 * `logits` [vocabulary] is used up: the candidates are kept in it.
 */
export function candidatesOf(logits: Float32Array, mask?: Uint32Array): Candidates {
  const ids = new Int32Array(logits.length);
  let count = 0;
  for (let id = 0; id < logits.length; id++) {
    if (mask !== undefined && ((mask[id >> 5]! >>> (id & 31)) & 1) === 0) continue;
    const logit = logits[id]!;
    ids[count] = id;
    logits[count++] = Number.isNaN(logit) ? -Infinity : Math.min(logit, LARGEST);
  }
  return { ids, logits, count };
}

/** Drops the candidates for whose position `keep` says no; the others stay in order. */
export function keepWhere(candidates: Candidates, keep: (index: number) => boolean): void {
  const { ids, logits, count } = candidates;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (!keep(i)) continue;
    ids[kept] = ids[i]!;
    logits[kept++] = logits[i]!;
  }
  candidates.count = kept;
}

/** The position of the largest logit; of equal ones the first. -1 when there is no candidate. */
export function best({ logits, count }: Candidates): number {
  let at = count === 0 ? -1 : 0;
  for (let i = 1; i < count; i++) if (logits[at]! < logits[i]!) at = i;
  return at;
}

/** Probabilities [count] of the candidates: softmax of their logits. */
export function probabilities(candidates: Candidates): Float64Array {
  const { logits, count } = candidates;
  const out = new Float64Array(count);
  const at = best(candidates);
  if (at < 0) return out;
  const largest = logits[at]!;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += out[i] = Math.exp(logits[i]! - largest);
  // Every logit can be -Infinity: then all are alike.
  if (Number.isNaN(sum)) return out.fill(1 / count);
  for (let i = 0; i < count; i++) out[i]! /= sum;
  return out;
}
