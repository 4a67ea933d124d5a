/**
 * Picks the next token from the model's logits, in one fixed order: bias, mask, penalties, temperature, top-k, top-p, min-p,
 * typical, draw. (The mask is applied where the list of candidates is made; it and the penalties do not meet.)
 */

import type { SamplingOptions } from "../../protocol/engine.js";
import { argmax } from "./argmax.js";
import { createCandidates, gather, weigh, type Candidates } from "./candidates.js";
import { checkSampling } from "./checkSampling.js";
import { logitBias } from "./logitBias.js";
import { minP } from "./minP.js";
import { noRepeatNgram } from "./noRepeatNgram.js";
import { frequencyPenalty, presencePenalty, repetitionPenalty } from "./penalties.js";
import { seededRandom } from "./random.js";
import { temperature } from "./temperature.js";
import { topK } from "./topK.js";
import { topP } from "./topP.js";
import { typicalP } from "./typicalP.js";

export interface Sampler {
  /**
   * Some of the `logits` [vocabulary] are overwritten. `history` are the tokens so far, prompt included. `mask`: bit i % 32 of
   * word i / 32 allows token i. Throws a plain Error when nothing is allowed: a mask must leave a way out.
   */
  next(logits: Float32Array, history: readonly number[] | Int32Array, mask?: Uint32Array): number;
}

const DEFAULT_WINDOW = 256;

/** Throws `usage` for values outside their ranges. */
export function createSampler(options: SamplingOptions): Sampler {
  checkSampling(options);
  const random = seededRandom(options.seed ?? 0);
  const bias = Object.entries(options.logitBias ?? {}).map(([id, value]) => [Number(id), value] as const);
  let candidates = createCandidates(0);
  return {
    next(logits, history, mask) {
      logitBias(logits, bias);
      penalize(logits, options, history);
      // What penalties have dropped is still better than to break a mask that allows nothing else.
      if ((options.temperature ?? 0) === 0) return orThrow(argmax(logits, mask));
      if (candidates.ids.length < logits.length) candidates = createCandidates(logits.length);
      gather(candidates, logits, mask);
      truncate(candidates, options);
      return orThrow(draw(candidates, random()));
    },
  };
}

function orThrow(id: number): number {
  if (id < 0) throw new Error("no token may come next");
  return id;
}

function penalize(logits: Float32Array, options: SamplingOptions, history: readonly number[] | Int32Array): void {
  const { repetitionPenalty: repetition = 1, frequencyPenalty: frequency = 0, presencePenalty: presence = 0 } = options;
  if (repetition !== 1 || frequency !== 0 || presence !== 0) {
    const recent = history.slice(Math.max(0, history.length - (options.penaltyWindow ?? DEFAULT_WINDOW)));
    if (repetition !== 1) repetitionPenalty(logits, repetition, recent);
    if (frequency !== 0) frequencyPenalty(logits, frequency, recent);
    if (presence !== 0) presencePenalty(logits, presence, recent);
  }
  if (0 < (options.noRepeatNgram ?? 0)) noRepeatNgram(logits, options.noRepeatNgram!, history);
}

function truncate(candidates: Candidates, options: SamplingOptions): void {
  // Temperature leaves the order of the tokens as it is: top-k before it keeps the same ones, and spares dividing the rest.
  if (0 < (options.topK ?? 0)) topK(candidates, options.topK!);
  temperature(candidates, options.temperature ?? 1);
  topP(candidates, options.topP ?? 1);
  minP(candidates, options.minP ?? 0);
  typicalP(candidates, options.typicalP ?? 1);
}

/** `coin` is uniform in [0, 1). -1 when there is no candidate. */
function draw(candidates: Candidates, coin: number): number {
  const { ids, weights, count } = candidates;
  let left = coin * weigh(candidates);
  let last = -1;
  for (let i = 0; i < count; i++) {
    if (weights[i] === 0) continue;
    last = ids[i]!;
    if ((left -= weights[i]!) < 0) return last;
  }
  // Rounding left a sliver over.
  return last;
}
