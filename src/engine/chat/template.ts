/**
 * Messages to one text and its tokens, by the template in the model's own file.
 *
 * What users write is text, whatever it spells. But a template may trim, compare or cut a content, so the content has to pass
 * through it. What keeps it text is a shield: a character that occurs nowhere else between all of its letters, taken out again
 * after the special tokens were found.
 *
 * A template cannot read what is shielded (Qwen 3 looks for `</think>`), so at first only messages that spell a special token
 * are. Where letters of another one could be part of a token together with the template's text, the result is held against one
 * with every message shielded. That one is used unless it shows that the template reads contents and content made no mark.
 */

import { TillerError } from "../../base/error.js";
import type { ChatMessage } from "../../protocol/engine.js";
import type { Part, Segment } from "../tokenizer/specialTokens.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { renderJinja } from "./jinja.js";
import { renderPlain } from "./plainFormat.js";
import { couldTouch, shield, unusedCharacters } from "./shield.js";

export interface ChatOptions {
  /** End with the head of an assistant message. */
  readonly addGenerationPrompt: boolean;
  /** End with the content of the last message, which stays open. */
  readonly continueLast: boolean;
}

export interface RenderedChat {
  readonly text: string;
  /** The text in parts: special tokens are trusted, all else is not. */
  readonly segments: readonly Segment[];
  readonly ids: readonly number[];
}

/** Templates write these into marks of their own, such as `<|user|>`. Other roles are as foreign as contents. */
const knownRoles = new Set(["system", "developer", "user", "assistant", "model", "tool", "function"]);

/** Throws `prompt-invalid` when the template refuses the messages, or does what no template should. */
export function renderChat(
  template: string | undefined,
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  { addGenerationPrompt, continueLast }: ChatOptions,
): RenderedChat {
  const foreign = messages.flatMap(({ role, content }) => (knownRoles.has(role) ? [content] : [role, content]));
  const [breaker, end, other] = unusedCharacters([template ?? "", ...tokenizer.specials.keys(), ...foreign]);
  const open = continueLast ? messages.length - 1 : -1;
  const render = (all: readonly ChatMessage[]) =>
    renderText(template, tokenizer, all, addGenerationPrompt && !continueLast);

  function renderParts(isShielded: (message: ChatMessage) => boolean): readonly Part[] {
    const passed = messages.map((message, i) => {
      const pass = (text: string) => (isShielded(message) ? shield(text, breaker) : text);
      const role = knownRoles.has(message.role) ? message.role : pass(message.role);
      return { role, content: pass(message.content) + (i === open ? end : "") };
    });
    const text = render(passed);
    return tokenizer.splitSpecials(open < 0 ? text : text.slice(0, endOf(text, end)).replaceAll(end, ""));
  }

  if (0 <= open) checkComesLast(messages, open, render, end, other);
  let parts = renderParts((it) => spellsSpecial(it, tokenizer));
  const marks = [...tokenizer.specials].filter(([, id]) => tokenizer.isSpecial(id)).map(([spelling]) => spelling);
  if (foreign.some((it) => couldTouch(it, marks))) {
    const safe = renderParts(() => true);
    const text = (all: readonly Part[]) => toSegments(all, tokenizer, breaker).map((it) => it.text);
    const controls = (all: readonly Part[]) => all.filter((it) => typeof it === "number" && tokenizer.isSpecial(it));
    if (text(safe).join("") === text(parts).join("") || controls(safe).join() !== controls(parts).join()) parts = safe;
  }
  const segments = toSegments(parts, tokenizer, breaker);
  return { text: segments.map((it) => it.text).join(""), segments, ids: tokenizer.encodeSegments(segments) };
}

function renderText(
  template: string | undefined,
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  addGenerationPrompt: boolean,
): string {
  if (template === undefined) return renderPlain(tokenizer, messages, addGenerationPrompt);
  const spell = (id: number | undefined) => (id === undefined ? "" : spellingOf(tokenizer, id));
  const variables = {
    messages,
    add_generation_prompt: addGenerationPrompt,
    bos_token: spell(tokenizer.bos),
    eos_token: spell([...tokenizer.eos][0]),
  };
  const length = messages.reduce((sum, { role, content }) => sum + 100 + role.length + content.length, 0);
  try {
    return renderJinja(template, variables, length);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TillerError("prompt-invalid", `The model's chat template does not take these messages: ${reason}`, {
      cause: error,
    });
  }
}

/** The assistant's own words may hold the marks that it is known to write and its template to read, such as `</think>`. */
function spellsSpecial({ role, content }: ChatMessage, { splitSpecials, isSpecial }: Tokenizer): boolean {
  return [role, content]
    .flatMap((it) => splitSpecials(it))
    .some((it) => typeof it === "number" && (role !== "assistant" || isSpecial(it)));
}

/** The last message can stay open only where the template puts it behind all others: some put system messages first. */
function checkComesLast(
  messages: readonly ChatMessage[],
  open: number,
  render: (messages: readonly ChatMessage[]) => string,
  end: string,
  other: string,
): void {
  if (messages[open]!.role === "assistant") return;
  const text = render(messages.map((it, i) => ({ ...it, content: it.content + (i === open ? end : other) })));
  if (text.indexOf(other, endOf(text, end)) < 0) return;
  const message = `The model's chat template puts other messages behind the last one (${messages[open]!.role}), so it cannot be continued.`;
  throw new TillerError("prompt-invalid", message);
}

function endOf(text: string, end: string): number {
  const at = text.lastIndexOf(end);
  if (0 <= at) return at;
  const message = "The model's chat template leaves out the last message or its end, so it cannot be continued.";
  throw new TillerError("prompt-invalid", message);
}

function toSegments(parts: readonly Part[], tokenizer: Tokenizer, breaker: string): Segment[] {
  return parts.map((it) =>
    typeof it === "number"
      ? { text: spellingOf(tokenizer, it), trusted: true }
      : { text: it.replaceAll(breaker, ""), trusted: false },
  );
}

function spellingOf({ bytes }: Tokenizer, id: number): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes(id));
}
