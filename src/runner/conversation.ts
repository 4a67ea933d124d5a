/** Rendered messages as the engine takes them: plain text, up to the hole that is to be filled. */

import { TillerError } from "../base/error.js";
import type { HoleSpec } from "../lang/hole.js";
import type { RenderedMessage, RenderedPart } from "../lang/rendered.js";
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

/**
 * A prompt that names no hole asks for an answer, which is `hole`: the model's own message at the end. Where the last
 * message is already the model's, it is continued.
 */
export function withFinalHole(
  rendered: readonly RenderedMessage[],
  hole: HoleSpec,
  filled: Readonly<Record<string, string>>,
): readonly RenderedMessage[] {
  if (rendered.some(({ parts }) => parts.some((it) => it.kind === "hole"))) return rendered;
  const text = filled[hole.name];
  const part: RenderedPart = { kind: "hole", hole, ...(text !== undefined && { filled: text }) };
  const last = rendered.at(-1);
  if (last?.role !== "model") return [...rendered, { role: "model", parts: [part] }];
  return [...rendered.slice(0, -1), { ...last, parts: [...last.parts, part] }];
}

/**
 * In a message with holes, the line breaks between `{{role}}` and what follows, and the white space after the last hole,
 * are the layout of the file: a model that had to continue them would answer worse. Messages without holes are sent
 * exactly as Dotprompt renders them.
 */
export function withoutLayout(parts: readonly RenderedPart[]): readonly RenderedPart[] {
  const last = parts.findLastIndex((it) => it.kind === "hole");
  if (last < 0) return parts;
  const first = parts.findIndex((it) => it.kind === "hole" || (it.kind === "text" && it.text.trim() !== ""));
  return parts.map((part, i): RenderedPart => {
    if (part.kind !== "text") return part;
    if (i < first || (last < i && isBlankFrom(parts, i))) return { ...part, text: "" };
    if (i === first) return { ...part, text: part.text.replace(/^\s*\n/, "") };
    return last < i && isBlankFrom(parts, i + 1) ? { ...part, text: part.text.trimEnd() } : part;
  });
}

function isBlankFrom(parts: readonly RenderedPart[], from: number): boolean {
  return parts.slice(from).every((it) => it.kind === "text" && it.text.trim() === "");
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
