/** What a request has the model read before it writes, and how much it may write behind that. */

import { TillerError } from "../../base/error.js";
import type { GenerateRequest, PromptInput } from "../../protocol/engine.js";
import type { LoadedModel } from "../loadedModel.js";
import type { Reader } from "../reader.js";
import { takeBack, type OpenPrompt } from "./healing.js";
import { isIdle } from "./idleGuidance.js";
import type { OpenPictures } from "./openPictures.js";
import { checkFits, encodePrompt, type EncodedPrompt } from "./promptIds.js";

export interface ReadPrompt {
  /** What the model reads before it is asked, `begin` included. */
  readonly prompt: readonly number[];
  /** The same of guidance's other prompt; undefined where it is not read. */
  readonly otherwise: readonly number[] | undefined;
  /** The end of the prompt's text, which is written again. */
  readonly again: string;
  /** Tokens that may be written, `begin` included. */
  readonly limit: number;
}

/** Throws `prompt-invalid`, `prompt-too-long`, `constraint-invalid` and `usage`. */
export function readPrompt(
  model: LoadedModel,
  request: GenerateRequest,
  { virtualIds, visibility }: Pick<Reader, "virtualIds" | "visibility">,
  pictures: OpenPictures,
): ReadPrompt {
  const isEndless = visibility?.endlessSinks !== undefined;
  const { heal = false, begin = [], maxTokens, minTokens = 0 } = request;
  const { ids, text: again, images } = openPrompt(model, request.prompt, heal, pictures);
  const prompt = [...virtualIds, ...ids, ...begin];
  if (prompt.length === virtualIds.length)
    throw new TillerError("prompt-invalid", "The prompt is empty: there is nothing to continue.");
  const other = otherPrompt(model, request, again, pictures);
  const otherwise = other && [...virtualIds, ...other];
  if (otherwise !== undefined && !isEndless) checkOtherFits(otherwise.length, model);
  // At worst, each byte that is written again takes a token. Both branches grow alike.
  const read = Math.max(prompt.length, otherwise?.length ?? 0) + Buffer.byteLength(again);
  if (!isEndless) checkFits(read, model, images);
  const { contextTokens } = model.facts;
  const room = contextTokens - read + begin.length;
  const limit = isEndless ? (maxTokens ?? contextTokens) : Math.min(maxTokens ?? room, room);
  if (minTokens <= limit) return { prompt, otherwise, again, limit };
  throw new TillerError(
    "constraint-invalid",
    `${minTokens} tokens are asked for, and at most ${limit} may be written.`,
  );
}

function openPrompt(
  model: LoadedModel,
  prompt: PromptInput,
  heal: boolean,
  pictures: OpenPictures,
): OpenPrompt & Pick<EncodedPrompt, "images"> {
  const { ids, images = [] } = encodePrompt(model, prompt, { pictures });
  return { images, ...(heal ? takeBack(ids, prompt, model) : { ids, text: "" }) };
}

/** With strength 1 guidance changes nothing, and its other prompt is not read. */
function otherPrompt(
  model: LoadedModel,
  { guidance, heal = false, begin = [] }: GenerateRequest,
  again: string,
  pictures: OpenPictures,
): readonly number[] | undefined {
  if (guidance?.kind !== "classifier-free" || isIdle(guidance)) return undefined;
  const { ids, text } = openPrompt(model, guidance.otherwise, heal, pictures);
  if (text === again) return [...ids, ...begin];
  throw new TillerError("usage", "Both prompts of guidance must end alike: the text goes on from both.");
}

function checkOtherFits(tokens: number, { facts }: LoadedModel): void {
  if (tokens < facts.contextTokens) return;
  const message =
    `Guidance's other prompt has ${tokens} tokens, and this model's context holds ${facts.contextTokens}, the answer ` +
    "included. Shorten what the text is to be led away from.";
  throw new TillerError("prompt-too-long", message);
}
