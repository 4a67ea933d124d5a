/** What guidance and biased words do to the logits of each token, and how much that changed. */

import type { GuidanceUsage } from "../../protocol/engine.js";
import { argmax } from "../sampling/argmax.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { Branch } from "./branch.js";
import { checkWordBias } from "./checkGuidance.js";
import { logSumExp } from "./likeliest.js";
import { createWordBias } from "./wordBias.js";

export interface Steering {
  /** False where nothing is guided. */
  readonly isActive: boolean;
  /** Adds the biases of words to the logits [vocabulary] of the branch's last reading, and counts what has changed. */
  apply(logits: Float32Array): void;
  /** Of the logits that were last applied to; undefined where nothing is guided. */
  unguided(): Unguided | undefined;
  /** Tells what was written. */
  advance(id: number, bytes: Uint8Array): void;
  usage(): GuidanceUsage;
}

export interface Unguided {
  /** The likeliest token without guidance. */
  readonly best: number;
  /** Whether it is another one under guidance. */
  readonly changed: boolean;
  logprob(id: number): number;
}

/** Throws `usage` for biases outside of their range. */
export function createSteering(
  branch: Branch,
  wordBias: Readonly<Record<string, number>>,
  tokenizer: Tokenizer,
): Steering {
  checkWordBias(wordBias);
  const bias = createWordBias(wordBias, tokenizer);
  const isGuided = 1 < branch.readings;
  let asked = 0;
  let changedTokens = 0;
  let unguided: Unguided | undefined;
  return {
    isActive: isGuided || bias.isActive,
    apply(logits) {
      if (!isGuided && !bias.isActive) return;
      const before = branch.unguided() ?? logits.slice();
      bias.apply(logits);
      const best = argmax(before);
      const changed = argmax(logits) !== best;
      asked++;
      if (changed) changedTokens++;
      let total: number | undefined;
      unguided = { best, changed, logprob: (id) => before[id]! - (total ??= logSumExp(before)) };
    },
    unguided: () => unguided,
    advance: (id, bytes) => bias.advance(id, bytes),
    usage: () => ({
      readings: branch.readings,
      sharedTokens: branch.sharedTokens?.() ?? 0,
      askedTokens: asked,
      changedTokens,
    }),
  };
}
