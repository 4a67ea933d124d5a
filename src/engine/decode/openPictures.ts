/** The pictures of a request: found and kept for as long as it lasts, looked at when its prompts are read. */

import { TillerError } from "../../base/error.js";
import type { MessageImage, PromptInput } from "../../protocol/engine.js";
import type { LoadedModel } from "../loadedModel.js";
import type { HeldPicture } from "../vision/pictureShelf.js";
import { readSource } from "../vision/readSource.js";

export interface OpenPictures {
  /** Of the prompts that were given. */
  of(image: MessageImage): HeldPicture;
  /** Has the model look at those that it has not seen yet; false when that was cancelled. */
  read(signal: AbortSignal): Promise<boolean>;
  /** They may be forgotten from now on. */
  release(): void;
}

/** For requests that cannot have any. */
export const noPictures: OpenPictures = {
  of: () => {
    throw new Error("the picture was not opened");
  },
  read: ({ aborted }) => Promise.resolve(!aborted),
  release: () => undefined,
};

/**
 * Throws `prompt-invalid` where the model has no eyes; `file-not-found`, `file-unreadable` and `input-invalid` for what cannot be
 * read as a picture.
 */
export function openPictures(model: LoadedModel, prompts: readonly (PromptInput | undefined)[]): OpenPictures {
  const images = prompts.flatMap(imagesOf);
  if (images.length === 0) return noPictures;
  const { vision } = model;
  if ("missing" in vision) throw textOnly(model, vision.missing);
  const held = new Map<MessageImage, HeldPicture>();
  const release = () => held.forEach((it) => it.release());
  try {
    for (const it of images) if (!held.has(it)) held.set(it, vision.shelf.hold(readSource(it.source)));
  } catch (error) {
    release();
    throw error;
  }
  return {
    of: (image) => held.get(image) ?? noPictures.of(image),
    async read(signal) {
      for (const it of held.values()) if (!(await it.read(signal))) return false;
      return !signal.aborted;
    },
    release,
  };
}

/** In their order, those of every message. */
export function imagesOf(prompt: PromptInput | undefined): readonly MessageImage[] {
  return prompt?.type === "messages" ? prompt.messages.flatMap((it) => it.images ?? []) : [];
}

function textOnly({ facts }: LoadedModel, why: string): TillerError {
  const { path, name } = facts.facts;
  const message =
    `${name === "unnamed" ? path : name} reads text only, and the prompt has a picture.${why === "" ? "" : ` ${why}`} ` +
    "Take the picture out, or choose a model with a vision part: an mmproj file beside it.";
  return new TillerError("prompt-invalid", message);
}
