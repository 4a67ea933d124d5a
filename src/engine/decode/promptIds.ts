/** The tokens of a prompt, by the model's own template and tokenizer. */

import { count } from "../../base/count.js";
import { TillerError } from "../../base/error.js";
import type { ImageTokens, MessageImage, PromptInput } from "../../protocol/engine.js";
import { checkIds } from "../checkIds.js";
import { renderChat } from "../chat/template.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { LoadedModel } from "../loadedModel.js";
import { IMAGE_TOKEN, imageText } from "../vision/imageText.js";
import { imagesOf, noPictures, type OpenPictures } from "./openPictures.js";

export interface EncodedPrompt {
  /** Those of a picture's vectors are ids of their own, which `tokenOf` of the model turns into tokens for others. */
  readonly ids: readonly number[];
  readonly text: string;
  /** In the order of the prompt; undefined without pictures. */
  readonly images?: readonly ImageTokens[];
}

export interface EncodeOptions {
  readonly addGenerationPrompt?: boolean;
  /** Needed where the prompt has pictures. */
  readonly pictures?: OpenPictures;
}

export function encodePrompt(
  model: Pick<LoadedModel, "tokenizer" | "chatTemplate" | "vision">,
  prompt: PromptInput,
  { addGenerationPrompt = true, pictures = noPictures }: EncodeOptions = {},
): EncodedPrompt {
  const { tokenizer, chatTemplate, vision } = model;
  switch (prompt.type) {
    case "messages": {
      const continueLast = prompt.continueLast === true;
      const options = { continueLast, addGenerationPrompt: addGenerationPrompt && !continueLast };
      if ("missing" in vision) {
        const { ids, text } = renderChat(chatTemplate, tokenizer, prompt.messages, options);
        return { ids: startingWithBos(ids, tokenizer), text };
      }
      const { tileTokens } = vision.part.shape;
      const textOf = (image: MessageImage) => imageText(pictures.of(image).grid, tileTokens);
      const withPictures = { ...options, pictures: { token: IMAGE_TOKEN, textOf } };
      const { ids, text } = renderChat(chatTemplate, tokenizer, prompt.messages, withPictures);
      const images = imagesOf(prompt);
      if (images.length === 0) return { ids: startingWithBos(ids, tokenizer), text };
      return { text, ...withVectors(startingWithBos(ids, tokenizer), images, { model, pictures, textOf }) };
    }
    case "text": {
      const ids = tokenizer.encodeSegments([{ text: prompt.text, trusted: prompt.parseSpecial === true }]);
      return { ids: startingWithBos(ids, tokenizer), text: prompt.text };
    }
    case "ids":
      checkIds(prompt.ids, tokenizer.vocabularySize);
      return { ids: prompt.ids, text: tokenizer.decode(prompt.ids) };
    default:
      return prompt satisfies never;
  }
}

interface Seen {
  readonly model: Pick<LoadedModel, "tokenizer" | "vision">;
  readonly pictures: OpenPictures;
  textOf(image: MessageImage): string;
}

/** Gives each token of a picture the id of its vector. `ids` hold exactly those of the images, in order. */
function withVectors(
  ids: readonly number[],
  images: readonly MessageImage[],
  { model: { tokenizer, vision }, pictures, textOf }: Seen,
): Pick<EncodedPrompt, "ids" | "images"> {
  const imageToken = "missing" in vision ? undefined : vision.imageToken;
  const all = [...ids];
  let at = 0;
  const tokens = images.map((image): ImageTokens => {
    const { ids: vectors, grid, head } = pictures.of(image);
    // Its marks are special tokens at both ends: it is cut alike wherever it stands.
    const own = tokenizer.encodeSegments([{ text: textOf(image), trusted: true }]);
    const first = all.indexOf(imageToken!, at) - own.indexOf(imageToken!);
    vectors.forEach((it) => {
      at = all.indexOf(imageToken!, at);
      all[at] = it;
    });
    return { first, count: own.length, width: head.width, height: head.height, tiles: grid.tiles };
  });
  return { ids: all, images: tokens };
}

/** Chat templates write the start token or leave it to the tokenizer: there is one of it either way, as llama.cpp has it. */
function startingWithBos(ids: readonly number[], { addBos, bos }: Tokenizer): readonly number[] {
  return addBos && bos !== undefined && ids[0] !== bos ? [bos, ...ids] : ids;
}

/** Throws `prompt-too-long` unless there is room for the prompt and one more token. */
export function checkFits(tokens: number, { facts }: LoadedModel, images: readonly ImageTokens[] = []): void {
  if (tokens < facts.contextTokens) return;
  const inPictures = images.reduce((sum, it) => sum + it.count, 0);
  const part = images.length === 0 ? "" : `, ${inPictures} of them for ${count(images.length, "picture")}`;
  const advice = images.length === 0 ? "Shorten the prompt" : "Take a picture out, shorten the prompt";
  const message =
    `The prompt has ${tokens} tokens${part}, and this model's context holds ${facts.contextTokens}, the answer included. ` +
    `${advice}, or raise the context if the model was trained for more.`;
  throw new TillerError("prompt-too-long", message);
}
