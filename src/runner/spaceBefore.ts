/**
 * Tokens of words begin with the space before them. After a text that ends with a space, a model is asked for what it has
 * hardly ever seen, and answers worse. A choice can be asked for without harm to its exactness: the space is taken from
 * the text and put in front of every option, and from what is written back into the text.
 */

import type { ChatMessage } from "../protocol/engine.js";
import type { HoleRequest } from "./holeRequest.js";

export interface Asked {
  readonly messages: readonly ChatMessage[];
  readonly request: HoleRequest;
  /** From what the engine writes (all of it, or its first piece) to what stands in the hole. */
  readonly withoutSpace: (text: string) => string;
}

export function moveSpace(messages: readonly ChatMessage[], request: HoleRequest): Asked {
  const last = messages.at(-1)!;
  if (request.constraint?.kind !== "choice" || !/\S $/.test(last.content)) {
    return { messages, request, withoutSpace: (text) => text };
  }
  const options = request.constraint.options.map((it) => ` ${it}`);
  return {
    messages: [...messages.slice(0, -1), { ...last, content: last.content.slice(0, -1) }],
    request: { ...request, constraint: { kind: "choice", options } },
    withoutSpace: (text) => text.slice(1),
  };
}
