/** Rendered messages as the engine takes them: plain text, up to the hole that is to be filled. */

import { TillerError } from "../base/error.js";
import type { HoleSpec } from "../lang/hole.js";
import type { RenderedMessage, RenderedPart } from "../lang/rendered.js";
import { withoutLayout } from "../lang/layout.js";
import type { ChatMessage } from "../protocol/engine.js";

export interface Stage {
  /** What is sent. With a hole, the last message is the one that the hole stands in. */
  readonly messages: readonly ChatMessage[];
  /** The first unfilled hole, or undefined when all are filled. */
  readonly hole?: HoleSpec;
}

export function stageOf(rendered: readonly RenderedMessage[]): Stage {
  const messages: ChatMessage[] = [];
  for (const message of rendered) {
    const role = message.role === "model" ? "assistant" : message.role;
    let content = "";
    for (const part of withoutLayout(message.parts)) {
      if (part.kind === "hole" && part.filled === undefined) {
        messages.push({ role, content });
        return { messages, hole: part.hole };
      }
      content += textOf(part);
    }
    messages.push({ role, content });
  }
  return { messages };
}

function textOf(part: RenderedPart): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "hole":
      return part.filled ?? "";
    case "section":
      return ""; // a mark for other tools: it has no text of its own
    case "media": {
      const what = part.contentType ?? "a file";
      const url = part.url.length <= 80 ? part.url : `${part.url.slice(0, 77)}...`;
      throw new TillerError(
        "prompt-invalid",
        `The prompt holds media (${what}, ${url}), and the model reads text only. Take {{media}} out of the prompt.`,
      );
    }
    case "other": {
      const value = JSON.stringify(part.value).slice(0, 80);
      throw new TillerError("prompt-invalid", `A message holds what a text model cannot read: ${value}.`);
    }
    default:
      return part satisfies never;
  }
}
