/**
 * Tokens of words begin with the space before them. After a text that ends with a space, a model is asked for what it has
 * hardly ever seen, and answers much worse ("Lisbon is 2 hours away"). So the space is taken from the end of the text,
 * what is written must begin with it, and there it is taken away again: the conversation stays the same, byte for byte.
 */

import type { ConstraintSpec } from "../protocol/constraint.js";
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
  if (!/\S $/.test(last.content)) {
    const spaced = /\S$/.test(last.content) ? spacedText(request) : request;
    return { messages, request: spaced, withoutSpace: (text) => text };
  }
  const constraint = withSpace(request.constraint);
  return {
    messages: [...messages.slice(0, -1), { ...last, content: last.content.slice(0, -1) }],
    request: { ...request, constraint },
    withoutSpace: (text) => text.slice(1),
  };
}

/** Limited text behind a word may begin with the space between them. It is none of its characters. */
function spacedText(request: HoleRequest): HoleRequest {
  const { constraint } = request;
  if (constraint?.kind !== "all" || constraint.items.some((it) => it.kind !== "text")) return request;
  const spaced: ConstraintSpec = { kind: "sequence", items: [{ kind: "choice", options: [" "] }, constraint] };
  return { ...request, constraint: { kind: "either", items: [constraint, spaced] } };
}

function withSpace(constraint: ConstraintSpec | undefined): ConstraintSpec {
  switch (constraint?.kind) {
    case undefined:
      return { kind: "startsWith", text: " " };
    case "startsWith":
      return { kind: "startsWith", text: ` ${constraint.text}` };
    case "choice":
      return { kind: "choice", options: constraint.options.map((it) => ` ${it}`) };
    case "regex":
    case "json":
    case "grammar":
    case "text":
    case "all":
    case "either":
    case "sequence":
      return { kind: "sequence", items: [{ kind: "choice", options: [" "] }, constraint] };
    default:
      return constraint satisfies never;
  }
}
