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
 *
 * A picture is written as the model's token for one, by the template where it knows how (contentForm.ts), else by a character
 * that occurs nowhere else and is replaced. The token can come from nothing else, so each of them is a picture, in order; what a
 * picture takes is then written in its place.
 */

import { messageOf, TillerError } from "../../base/error.js";
import type { ChatMessage, MessageImage } from "../../protocol/engine.js";
import type { Part, Segment } from "../tokenizer/specialTokens.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { contentFormOf, contentOf, type ContentForm } from "./contentForm.js";
import { renderJinja } from "./jinja.js";
import { renderPlain } from "./plainFormat.js";
import { couldTouch, shield, unusedCharacters } from "./shield.js";

export interface ChatOptions {
  /** End with the head of an assistant message. */
  readonly addGenerationPrompt: boolean;
  /** End with the content of the last message, which stays open. */
  readonly continueLast: boolean;
  /** Needed where messages have pictures. */
  readonly pictures?: PictureTexts;
}

/** How pictures are written. */
export interface PictureTexts {
  /** The special token that stands for one. */
  readonly token: string;
  /** What is written instead of it: special tokens in it are meant. */
  textOf(image: MessageImage): string;
}

/** A message as it is given to a template: the texts before, between and behind its pictures. */
interface PassedMessage {
  readonly role: string;
  readonly pieces: readonly string[];
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
  { addGenerationPrompt, continueLast, pictures }: ChatOptions,
): RenderedChat {
  const images = messages.flatMap((it) => it.images ?? []);
  const foreign = messages.flatMap(({ role, content }) => (knownRoles.has(role) ? [content] : [role, content]));
  const [breaker, end, other, mark] = unusedCharacters([template ?? "", ...tokenizer.specials.keys(), ...foreign]);
  const open = continueLast ? messages.length - 1 : -1;
  const form = formOf(template, tokenizer, pictures?.token);
  const render = (all: readonly PassedMessage[]) =>
    renderText(template, tokenizer, all, { addGenerationPrompt: addGenerationPrompt && !continueLast, form, mark });

  function renderParts(isShielded: (message: ChatMessage) => boolean): readonly Part[] {
    const passed = messages.map((message, i) => {
      const pass = (text: string) => (isShielded(message) ? shield(text, breaker) : text);
      const role = knownRoles.has(message.role) ? message.role : pass(message.role);
      return { role, pieces: withEnd(piecesOf(message).map(pass), i === open ? end : "") };
    });
    const text = render(passed);
    const cut = open < 0 ? text : text.slice(0, endOf(text, end)).replaceAll(end, "");
    return tokenizer.splitSpecials(pictures === undefined ? cut : cut.replaceAll(mark, pictures.token));
  }

  if (0 <= open) checkComesLast(messages, open, render, end, other);
  // Some files list the token of a picture among the words: it is a mark all the same.
  const picture = pictures && tokenizer.specials.get(pictures.token);
  const isMark = (id: number) => tokenizer.isSpecial(id) || id === picture;
  let parts = renderParts((it) => spellsSpecial(it, tokenizer, isMark));
  const marks = [...tokenizer.specials].filter(([, id]) => isMark(id)).map(([spelling]) => spelling);
  if (foreign.some((it) => couldTouch(it, marks))) {
    const safe = renderParts(() => true);
    const text = (all: readonly Part[]) => toSegments(all, tokenizer, breaker).map((it) => it.text);
    const controls = (all: readonly Part[]) => all.filter((it) => typeof it === "number" && isMark(it));
    if (text(safe).join("") === text(parts).join("") || controls(safe).join() !== controls(parts).join()) parts = safe;
  }
  const written = pictures === undefined ? [] : writtenPictures(parts, tokenizer, images, pictures);
  const segments = toSegments(parts, tokenizer, breaker).map((it, i) => written[i] ?? it);
  return { text: segments.map((it) => it.text).join(""), segments, ids: tokenizer.encodeSegments(segments) };
}

/** The content before, between and behind the pictures. */
function piecesOf({ content, images = [] }: ChatMessage): string[] {
  const places = images.map((it) => it.at);
  const isInOrder = places.every((it, i) => Number.isInteger(it) && (places[i - 1] ?? 0) <= it && it <= content.length);
  if (!isInOrder)
    throw new TillerError("usage", "The places of pictures ascend, and lie in the content of their message.");
  return [...places, content.length].map((it, i) => content.slice(places[i - 1] ?? 0, it));
}

function withEnd(pieces: readonly string[], end: string): string[] {
  return pieces.map((it, i) => (i === pieces.length - 1 ? it + end : it));
}

/** By index into the parts: those that are pictures, in the order of the messages. */
function writtenPictures(
  parts: readonly Part[],
  tokenizer: Tokenizer,
  images: readonly MessageImage[],
  { token, textOf }: PictureTexts,
): readonly (Segment | undefined)[] {
  const id = tokenizer.specials.get(token);
  const count = parts.filter((it) => it === id).length;
  if (count !== images.length) {
    const message = `The model's chat template writes ${count} of the ${images.length} pictures of these messages.`;
    throw new TillerError("prompt-invalid", message);
  }
  let next = 0;
  return parts.map((it) => (it === id ? { text: textOf(images[next++]!), trusted: true } : undefined));
}

/** By tokenizer: each belongs to one model, and a model to one template. */
const knownForms = new WeakMap<
  Tokenizer,
  { readonly template: string; readonly token: string | undefined; readonly form: ContentForm }
>();

function formOf(template: string | undefined, tokenizer: Tokenizer, token: string | undefined): ContentForm {
  if (template === undefined) return { text: true, parts: false, images: false };
  const known = knownForms.get(tokenizer);
  if (known?.template === template && known.token === token) return known.form;
  const render = (content: unknown) => renderTemplate(template, tokenizer, [{ role: "user", content }], false, 1000);
  const form = contentFormOf(render, tokenizer, token);
  knownForms.set(tokenizer, { template, token, form });
  return form;
}

interface Rendering {
  readonly addGenerationPrompt: boolean;
  readonly form: ContentForm;
  /** Stands for a picture in a text. */
  readonly mark: string;
}

function renderText(
  template: string | undefined,
  tokenizer: Tokenizer,
  messages: readonly PassedMessage[],
  { addGenerationPrompt, form, mark }: Rendering,
): string {
  if (template === undefined) {
    const plain = messages.map(({ role, pieces }) => ({ role, content: pieces.join(mark) }));
    return renderPlain(tokenizer, plain, addGenerationPrompt);
  }
  const given = messages.map(({ role, pieces }) => ({ role, content: contentOf(pieces, form, mark) }));
  const lengthOf = (texts: readonly string[]) => texts.reduce((sum, it) => sum + 100 + it.length, 0);
  const length = messages.reduce((sum, { role, pieces }) => sum + role.length + lengthOf(pieces), 0);
  try {
    return renderTemplate(template, tokenizer, given, addGenerationPrompt, length);
  } catch (error) {
    const reason = messageOf(error);
    throw new TillerError("prompt-invalid", `The model's chat template does not take these messages: ${reason}`, {
      cause: error,
    });
  }
}

/** Throws plain errors, as `renderJinja` does. */
function renderTemplate(
  template: string,
  tokenizer: Tokenizer,
  messages: readonly object[],
  addGenerationPrompt: boolean,
  length: number,
): string {
  const spell = (id: number | undefined) => (id === undefined ? "" : spellingOf(tokenizer, id));
  const variables = {
    messages,
    add_generation_prompt: addGenerationPrompt,
    bos_token: spell(tokenizer.bos),
    eos_token: spell([...tokenizer.eos][0]),
  };
  return renderJinja(template, variables, length);
}

/** The assistant's own words may hold the marks that it is known to write and its template to read, such as `</think>`. */
function spellsSpecial(
  { role, content }: ChatMessage,
  { splitSpecials }: Tokenizer,
  isMark: (id: number) => boolean,
): boolean {
  return [role, content]
    .flatMap((it) => splitSpecials(it))
    .some((it) => typeof it === "number" && (role !== "assistant" || isMark(it)));
}

/** The last message can stay open only where the template puts it behind all others: some put system messages first. */
function checkComesLast(
  messages: readonly ChatMessage[],
  open: number,
  render: (messages: readonly PassedMessage[]) => string,
  end: string,
  other: string,
): void {
  if (messages[open]!.role === "assistant") return;
  const marked = messages.map((it, i) => ({ role: it.role, pieces: withEnd(piecesOf(it), i === open ? end : other) }));
  const text = render(marked);
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
