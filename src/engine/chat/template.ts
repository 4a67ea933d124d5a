/**
 * Messages to one text and its tokens, by the template in the model's own file.
 *
 * What users write is text, whatever it spells. A template may trim, compare or cut a message's content, so the content has to
 * pass through it; but wherever it spells a special token, a character that occurs nowhere else is put inside the spelling
 * before rendering and taken out again after special tokens were found.
 */

import { Template } from "@huggingface/jinja";

import { TillerError } from "../../base/error.js";
import type { ChatMessage } from "../../protocol/engine.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";

export interface ChatOptions {
  /** End with the head of an assistant message. */
  readonly addGenerationPrompt: boolean;
  /** End with the content of the last message, which stays open. */
  readonly continueLast: boolean;
}

export interface RenderedChat {
  readonly text: string;
  readonly ids: readonly number[];
}

/** Throws `prompt-invalid` when the template refuses the messages. */
export function renderChat(
  template: string | undefined,
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  { addGenerationPrompt, continueLast }: ChatOptions,
): RenderedChat {
  const [breaker, end] = unusedCharacters(messages);
  const guard = createGuard([...tokenizer.specials.keys()], breaker);
  const guarded = messages.map(({ role, content }, i) => ({
    role: guard(role),
    content: guard(content) + (continueLast && i === messages.length - 1 ? end : ""),
  }));
  const rendered = render(template, tokenizer, guarded, addGenerationPrompt && !continueLast);
  const open = continueLast ? cutAt(rendered, end) : rendered;
  // Specials are found while spellings in contents are broken; only then are these made whole again.
  const parts = splitAtSpecials(open, tokenizer).map((it) => ({ ...it, text: it.text.replaceAll(breaker, "") }));
  return { text: parts.map((it) => it.text).join(""), ids: tokenizer.encodeSegments(parts) };
}

function render(
  template: string | undefined,
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  addGenerationPrompt: boolean,
): string {
  const { specials, bos, eos } = tokenizer;
  if (template === undefined) return renderPlain(specials.has("<|im_start|>"), messages, addGenerationPrompt);
  const spelling = (id: number | undefined) => (id === undefined ? "" : tokenizer.decode([id]));
  try {
    return new Template(template).render({
      messages,
      add_generation_prompt: addGenerationPrompt,
      bos_token: spelling(bos),
      eos_token: spelling([...eos][0]),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TillerError("prompt-invalid", `The model's chat template does not take these messages: ${reason}`, {
      cause: error,
    });
  }
}

/** For files without a template: ChatML when the model knows its tokens, else roles in words. */
function renderPlain(isChatMl: boolean, messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
  const head = (role: string) => (isChatMl ? `<|im_start|>${role}\n` : `${role}: `);
  const end = isChatMl ? "<|im_end|>\n" : "\n\n";
  const all = messages.map(({ role, content }) => head(role) + content + end).join("");
  return addGenerationPrompt ? all + head("assistant").trimEnd() + (isChatMl ? "\n" : "") : all;
}

/** Two characters that no message holds. */
function unusedCharacters(messages: readonly ChatMessage[]): readonly [breaker: string, end: string] {
  const all = messages.map(({ role, content }) => role + content).join("");
  const free: string[] = [];
  // Private use: nothing of a template's or tokenizer's depends on them, and there are 6,400.
  for (let code = 0xe000; code < 0xf900 && free.length < 2; code++) {
    const it = String.fromCharCode(code);
    if (!all.includes(it)) free.push(it);
  }
  const [breaker, end] = free;
  if (breaker !== undefined && end !== undefined) return [breaker, end];
  throw new TillerError(
    "prompt-invalid",
    "The messages use every private-use character of Unicode; none is left to mark their borders.",
  );
}

/** Breaks the special tokens spelled in a text, and what its end or beginning could make one of together with the template. */
function createGuard(specials: readonly string[], breaker: string): (text: string) => string {
  const spellings = specials.filter((it) => 0 < it.length);
  const first = new Set(spellings.map((it) => it[0]!));
  return (text) => {
    let guarded = "";
    for (let at = 0; at < text.length; at++) {
      guarded += text[at]!;
      // A break after the first character of a spelling, also of one that the text's end cuts off.
      if (first.has(text[at]!) && spellings.some((it) => startsSpelling(text, at, it))) guarded += breaker;
    }
    const finishes = spellings.some((it) =>
      Array.from(it).some((_, i) => 0 < i && i < it.length && text.startsWith(it.slice(i))),
    );
    return finishes && text !== "" ? breaker + guarded : guarded;
  };
}

function startsSpelling(text: string, at: number, spelling: string): boolean {
  return text.startsWith(spelling, at) || (text.length - at < spelling.length && spelling.startsWith(text.slice(at)));
}

function cutAt(rendered: string, end: string): string {
  const at = rendered.lastIndexOf(end);
  if (at < 0)
    throw new TillerError(
      "prompt-invalid",
      "The model's chat template leaves out the last message, so it cannot be continued.",
    );
  return rendered.slice(0, at).replaceAll(end, "");
}

function splitAtSpecials(text: string, { specials }: Tokenizer) {
  const parts: { text: string; trusted: boolean }[] = [];
  let from = 0;
  let at = 0;
  const spellings = [...specials.keys()].filter((it) => it !== "").sort((a, b) => b.length - a.length);
  const first = new Set(spellings.map((it) => it[0]!));
  while (at < text.length) {
    const special = first.has(text[at]!) ? spellings.find((it) => text.startsWith(it, at)) : undefined;
    if (special === undefined) {
      at++;
      continue;
    }
    if (from < at) parts.push({ text: text.slice(from, at), trusted: false });
    parts.push({ text: special, trusted: true });
    from = at += special.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), trusted: false });
  return parts;
}
