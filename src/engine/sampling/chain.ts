/**
 * Picks the next token from the model's logits, in one fixed order: bias, penalties, mask, temperature, top-k, top-p, min-p,
 * typical, draw. (The mask is applied where the list of candidates is made; it and the penalties do not meet.)
 */

import { TillerError } from "../../base/error.js";
import type { SamplingOptions } from "../../protocol/engine.js";
import { best, candidatesOf, probabilities, type Candidates } from "./candidates.js";
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
   * `logits` [vocabulary] are used up. `history` are the tokens so far, prompt included. `mask`: bit i % 32 of word i / 32
   * allows token i. Throws a plain Error when nothing is allowed: a mask must leave a way out.
   */
  next(logits: Float32Array, history: readonly number[], mask?: Uint32Array): number;
}

const DEFAULT_WINDOW = 256;

/** Throws `usage` for values outside their ranges. */
export function createSampler(options: SamplingOptions): Sampler {
  checkSampling(options);
  const random = seededRandom(options.seed ?? 0);
  return {
    next(logits, history, mask) {
      if (options.logitBias !== undefined) logitBias(logits, options.logitBias);
      penalize(logits, options, history);
      const candidates = candidatesOf(logits, mask);
      if (candidates.count === 0) throw new Error("no token may come next");
      // What penalties have dropped is still better than to break a mask that allows nothing else.
      if ((options.temperature ?? 0) === 0) return candidates.ids[best(candidates)]!;
      truncate(candidates, options);
      return draw(candidates, random());
    },
  };
}

function penalize(logits: Float32Array, options: SamplingOptions, history: readonly number[]): void {
  const window = options.penaltyWindow ?? DEFAULT_WINDOW;
  const recent = window < history.length ? history.slice(history.length - window) : history;
  const { repetitionPenalty: repetition = 1, frequencyPenalty: frequency = 0, presencePenalty: presence = 0 } = options;
  if (repetition !== 1) repetitionPenalty(logits, repetition, recent);
  if (frequency !== 0) frequencyPenalty(logits, frequency, recent);
  if (presence !== 0) presencePenalty(logits, presence, recent);
  if (0 < (options.noRepeatNgram ?? 0)) noRepeatNgram(logits, options.noRepeatNgram!, history);
}

function truncate(candidates: Candidates, options: SamplingOptions): void {
  temperature(candidates, options.temperature ?? 1);
  if (0 < (options.topK ?? 0)) topK(candidates, options.topK!);
  topP(candidates, options.topP ?? 1);
  minP(candidates, options.minP ?? 0);
  typicalP(candidates, options.typicalP ?? 1);
}

/** `coin` is uniform in [0, 1). */
function draw(candidates: Candidates, coin: number): number {
  const chances = probabilities(candidates);
  let left = coin;
  for (let i = 0; i < candidates.count; i++) if ((left -= chances[i]!) < 0) return candidates.ids[i]!;
  // Rounding left a sliver over.
  return candidates.ids[best(candidates)]!;
}

const ranges: readonly (readonly [name: keyof SamplingOptions, least: number, most: number, whole?: "whole"])[] = [
  ["temperature", 0, 100],
  ["topK", 0, 2 ** 31, "whole"],
  ["topP", 0, 1],
  ["minP", 0, 1],
  ["typicalP", 0, 1],
  ["repetitionPenalty", 0.01, 100],
  ["frequencyPenalty", -100, 100],
  ["presencePenalty", -100, 100],
  ["penaltyWindow", 0, 2 ** 31, "whole"],
  ["noRepeatNgram", 0, 1024, "whole"],
  ["seed", -(2 ** 53), 2 ** 53, "whole"],
];

export function checkSampling(options: SamplingOptions): void {
  for (const [name, least, most, whole] of ranges) {
    const value = options[name];
    if (value === undefined) continue;
    const fine =
      typeof value === "number" && least <= value && value <= most && (whole === undefined || Number.isInteger(value));
    if (fine) continue;
    const what = whole === undefined ? "a number" : "a whole number";
    throw new TillerError("usage", `"${name}" is ${what} from ${least} to ${most}, not ${JSON.stringify(value)}.`);
  }
  const wrong = Object.entries(options.logitBias ?? {}).find(([id, it]) => !/^\d+$/.test(id) || !Number.isFinite(it));
  if (wrong === undefined) return;
  throw new TillerError(
    "usage",
    `"logitBias" maps token ids to finite numbers, not ${JSON.stringify(wrong[0])} to ${wrong[1]}.`,
  );
}
