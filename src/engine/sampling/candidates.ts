/** The tokens that may still be drawn. Steps that drop tokens shorten the list, so that later steps have less to do. */

export interface Candidates {
  /** The first `count` are token ids, ascending. */
  readonly ids: Int32Array;
  /** `logits[i]` belongs to `ids[i]`; never NaN, never +Infinity. */
  readonly logits: Float32Array;
  count: number;
  /** Room for what a step computes of each candidate; no step finds there what another one left. */
  readonly weights: Float64Array;
  readonly keys: Float64Array;
}

/** The largest logit we compute with: an infinite one would make every probability NaN. */
const LARGEST = 3.4e38;

/** Room for `size` candidates, made once for many tokens: new arrays of this size cost more than what is done with them. */
export function createCandidates(size: number): Candidates {
  return {
    ids: new Int32Array(size),
    logits: new Float32Array(size),
    count: 0,
    weights: new Float64Array(size),
    keys: new Float64Array(size),
  };
}

/**
 * Fills `candidates` with all tokens that the bit set `mask` allows (all, when there is none); a logit that is not a number
 * counts as the worst. `logits` [vocabulary] has as many values as there is room for, or fewer.
 */
export function gather(candidates: Candidates, logits: Float32Array, mask?: Uint32Array): void {
  candidates.count = 0;
  if (mask === undefined) return gatherRange(candidates, logits, 0, logits.length);
  const words = Math.min(mask.length, Math.ceil(logits.length / 32));
  for (let word = 0; word < words; word++) {
    const bits = mask[word]!;
    // The last word may have bits behind the vocabulary.
    const end = Math.min(word * 32 + 32, logits.length);
    if (bits === 0xffffffff) gatherRange(candidates, logits, word * 32, end);
    else if (bits !== 0) gatherBits(candidates, logits, bits, word * 32, end);
  }
}

function gatherRange(candidates: Candidates, logits: Float32Array, start: number, end: number): void {
  const { ids, logits: out } = candidates;
  let at = candidates.count;
  for (let id = start; id < end; id++) {
    ids[at] = id;
    out[at++] = usable(logits[id]!);
  }
  candidates.count = at;
}

function gatherBits(candidates: Candidates, logits: Float32Array, bits: number, start: number, end: number): void {
  for (let rest = bits; rest !== 0; rest &= rest - 1) {
    const id = start + 31 - Math.clz32(rest & -rest);
    if (end <= id) return;
    candidates.ids[candidates.count] = id;
    candidates.logits[candidates.count++] = usable(logits[id]!);
  }
}

function usable(logit: number): number {
  if (logit <= LARGEST) return logit;
  return Number.isNaN(logit) ? -Infinity : LARGEST;
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

/** The largest logit; -Infinity when there is no candidate. */
export function largestLogit({ logits, count }: Candidates): number {
  let largest = -Infinity;
  for (let i = 0; i < count; i++) if (largest < logits[i]!) largest = logits[i]!;
  return largest;
}

/** Fills `weights` with numbers proportional to the probabilities; returns their sum, at least 1. */
export function weigh(candidates: Candidates): number {
  const { logits, weights, count } = candidates;
  const largest = largestLogit(candidates);
  // Every logit can be -Infinity: then all are alike.
  if (largest === -Infinity) {
    weights.fill(1, 0, count);
    return count;
  }
  let sum = 0;
  for (let i = 0; i < count; i++) sum += weights[i] = Math.exp(logits[i]! - largest);
  return sum;
}
