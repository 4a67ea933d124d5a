/** What the tokens of a request see of each other, decided once and before anything is read; and how that is told. */

import type { Attention, AttentionUsage } from "../../protocol/attention.js";
import type { ModelSpec, PromptInput } from "../../protocol/engine.js";
import { chosenVisibility } from "../attention/chosenAttention.js";
import { seenRanges, type Visibility } from "../attention/visibility.js";
import type { LoadedModel } from "../loadedModel.js";
import type { OpenPictures } from "./openPictures.js";
import { encodePrompt } from "./promptIds.js";

export interface AttendingRequest {
  readonly model: ModelSpec;
  readonly prompt: PromptInput;
  readonly attention?: Attention;
}

/** Undefined: everything. Throws `usage` for numbers that make no pattern. */
export function requestVisibility(
  model: LoadedModel,
  request: AttendingRequest,
  pictures: OpenPictures,
): Visibility | undefined {
  return chosenVisibility({
    attention: request.attention,
    setting: request.model.attention,
    promptTokens: () => encodePrompt(model, request.prompt, { pictures }).ids.length,
    contextTokens: model.facts.contextTokens,
  });
}

export interface Seen {
  /** Tokens in front of the prompt, of the prompt behind them, and of the answer. */
  readonly virtual: number;
  readonly prompt: number;
  readonly written: number;
}

/** Undefined where everything was seen. */
export function attentionUsage(
  visibility: Visibility | undefined,
  { virtual, prompt, written }: Seen,
): AttentionUsage | undefined {
  if (visibility === undefined) return undefined;
  const total = virtual + prompt;
  const seenFrom = (position: number) =>
    seenRanges(visibility, position, total)
      .map(([from, to]): [number, number] => [Math.max(0, from - virtual), to - virtual])
      .filter(([from, to]) => from < to);
  // A token is written by the position before it.
  return {
    pattern: visibility.pattern,
    attended: seenFrom(total - 1),
    attendedAtEnd: seenFrom(total - 2 + Math.max(1, written)),
  };
}
