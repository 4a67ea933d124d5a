/** Rendered messages as the engine takes them: plain text, up to the hole that is to be filled. */

import { TillerError } from "../base/error.js";
import type { HoleSpec } from "../lang/hole.js";
import type { RenderedMessage, RenderedPart } from "../lang/rendered.js";
import type { MediaPart } from "../lang/data/pictures.js";
import { withoutLayout } from "../lang/layout.js";
import type { ChatMessage, ImageSource, MessageImage } from "../protocol/engine.js";

export interface Stage {
  /** What is sent. With a hole, the last message is the one that the hole stands in. */
  readonly messages: readonly ChatMessage[];
  /** The first unfilled hole, or undefined when all are filled. */
  readonly hole?: HoleSpec;
}

/** `picture` throws `prompt-invalid` for media that is none. */
export function stageOf(rendered: readonly RenderedMessage[], picture: (part: MediaPart) => ImageSource): Stage {
  const messages: ChatMessage[] = [];
  for (const message of rendered) {
    const role = message.role === "model" ? "assistant" : message.role;
    let content = "";
    const images: MessageImage[] = [];
    const add = () => messages.push({ role, content, ...(0 < images.length && { images }) });
    for (const part of withoutLayout(message.parts)) {
      if (part.kind === "hole" && part.filled === undefined) {
        add();
        return { messages, hole: part.hole };
      }
      if (part.kind === "media") images.push({ at: content.length, source: picture(part) });
      else content += textOf(part);
    }
    add();
  }
  return { messages };
}

function textOf(part: Exclude<RenderedPart, MediaPart>): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "hole":
      return part.filled ?? "";
    case "section":
      return ""; // a mark for other tools: it has no text of its own
    case "other": {
      const value = JSON.stringify(part.value).slice(0, 80);
      throw new TillerError("prompt-invalid", `A message holds what a model cannot read: ${value}.`);
    }
    default:
      return part satisfies never;
  }
}
