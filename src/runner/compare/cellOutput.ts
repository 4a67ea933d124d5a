/** What one run wrote, as it grows: the model's text in its holes, and the file's own text between them. */

import type { OutputPart } from "../../protocol/compare.js";
import type { ChatMessage, PromptInput } from "../../protocol/engine.js";
import type { FilledHole } from "../../protocol/run.js";

export interface CellOutput {
  /** The conversation up to a hole, as it is asked for; gives the file's own text that is new. */
  asked(prompt: PromptInput): string;
  /** What is written from now on stands in this hole. */
  began(hole: { readonly name: string; readonly hidden?: boolean }): void;
  /** True for text of a hole that people are shown. */
  wrote(text: string, hole: string): boolean;
  filled(hole: FilledHole): void;
  /** The whole conversation; gives the file's own text behind the last hole. */
  ended(messages: readonly ChatMessage[]): string;
  parts(): readonly OutputPart[];
  /** What stood before the first hole: the prompt of it. */
  prompt(): PromptInput | undefined;
}

export function createCellOutput(): CellOutput {
  const parts: OutputPart[] = [];
  let first: PromptInput | undefined;
  /** The message that the first hole stands in, and all of the conversation from its beginning on. */
  let from = 0;
  let known = "";
  let isHidden = false;
  const add = (text: string, hole?: string): void => {
    if (text === "") return;
    const last = parts.at(-1);
    if (last !== undefined && last.hole === hole) parts.pop();
    const before = last !== undefined && last.hole === hole ? last.text : "";
    parts.push({ text: before + text, ...(hole !== undefined && { hole }) });
  };
  const grown = (text: string): string => {
    if (!text.startsWith(known)) return "";
    const literal = text.slice(known.length);
    known = text;
    add(literal);
    return literal;
  };
  const textOf = (messages: readonly ChatMessage[]) =>
    messages
      .slice(from)
      .map((it) => it.content)
      .join("\n\n");
  return {
    asked(prompt) {
      if (prompt.type !== "messages") return "";
      // A hole at the beginning of the model's own message: that message is not sent.
      const messages = prompt.continueLast === true ? prompt.messages : [...prompt.messages, empty];
      if (first === undefined) {
        first = prompt;
        from = messages.length - 1;
      }
      return grown(textOf(messages));
    },
    began({ hidden = false }) {
      isHidden = hidden;
    },
    wrote(text, hole) {
      if (!isHidden) add(text, hole);
      return !isHidden;
    },
    filled({ text }) {
      known += text;
    },
    ended: (messages) => grown(textOf(messages)),
    parts: () => [...parts],
    prompt: () => first,
  };
}

const empty: ChatMessage = { role: "assistant", content: "" };
