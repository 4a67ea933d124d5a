/** How many tokens are worth guessing: what a longer step costs, against what the guesses have been good for so far. */

import type { Precision } from "../../../protocol/engine.js";
import { LONGEST_END } from "./drafts.js";

/** One step reads at most so many guesses: beyond it, a step takes long enough to be noticed. */
const MOST = 15;

export interface DraftLengths {
  /** For a guess behind an end of this length, at most `LONGEST_END`; `position` is where the step begins. 0: not worth it. */
  best(end: number, position: number): number;
  /** Of `drafted` guesses behind such an end, the first `accepted` were right. */
  learn(end: number, drafted: number, accepted: number): void;
}

interface Tally {
  right: number;
  asked: number;
}

/** What is kept of a tally with each step, so that it follows the text. */
const KEEP = 0.95;

/**
 * A guess is right with probability p if those before it are, so k of them bring p + p^2 + ... + p^k tokens. Time is not
 * measured: the same request is to take the same steps each time, as steps of several tokens round differently.
 */
export function createDraftLengths(precision: Precision): DraftLengths {
  // By ends. Before anything is known: the longer the end that stood there before, the likelier it goes on alike.
  const tallies = Array.from({ length: LONGEST_END + 1 }, (_, end): Tally => ({
    right: 2 * Math.min(0.9, 0.3 + 0.1 * end),
    asked: 2,
  }));
  return {
    best(end, position) {
      const { right, asked } = tallies[end]!;
      const p = right / asked;
      let best = 0;
      let bestRate = 1;
      let expected = 1;
      let chance = 1;
      for (let count = 1; count <= MOST; count++) {
        chance *= p;
        expected += chance;
        const rate = expected / stepCost(count + 1, position, precision);
        if (bestRate < rate) [best, bestRate] = [count, rate];
      }
      return best;
    },
    learn(end, drafted, accepted) {
      const tally = tallies[end]!;
      tally.right = tally.right * KEEP + accepted;
      tally.asked = tally.asked * KEEP + Math.min(drafted, accepted + 1);
    },
  };
}

/**
 * A step of several tokens, in steps of one; measured on the embedded model from 2 to 16 tokens at 64, 512 and 2,048 (see
 * bench/results/lookup.md). The operators for one token are others, and far better ones in `exact`.
 */
function stepCost(tokens: number, position: number, precision: Precision): number {
  if (precision === "exact") return 1.55 + 0.14 * tokens;
  return 0.75 + 0.2 * tokens + 0.15 * Math.min(2, position / 1024);
}
