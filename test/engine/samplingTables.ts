// Lists of candidates as tables over the whole vocabulary, for tests to compare.

import { createCandidates, gather, weigh, type Candidates } from "../../src/engine/sampling/candidates.js";

export function candidatesOf(logits: Float32Array, mask?: Uint32Array): Candidates {
  const candidates = createCandidates(logits.length);
  gather(candidates, logits, mask);
  return candidates;
}

/** Of every token of the vocabulary; what was dropped has 0. */
export function probabilities(candidates: Candidates): number[] {
  const { ids, weights, count } = candidates;
  const sum = weigh(candidates);
  const found = new Array<number>(ids.length).fill(0);
  for (let i = 0; i < count; i++) found[ids[i]!] = weights[i]! / sum;
  return found;
}
