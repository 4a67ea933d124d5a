/**
 * What is being written at a place inside of `{{...}}`. Read from the text alone and only up to the place: while somebody
 * types there is no tree yet.
 */

import { span, type Span } from "../../base/text.js";

export type TemplatePlace =
  /** The first word: a variable, a helper. */
  | { readonly kind: "name"; readonly form: "inline" | "block" | "call"; readonly word: Word }
  /** A further word: the value of a parameter, or the name of a setting. `index`: how many parameters stand before. */
  | { readonly kind: "argument"; readonly helper: string; readonly index: number; readonly word: Word }
  /** Behind `key=`. */
  | { readonly kind: "setting"; readonly helper: string; readonly key: string; readonly word: Word }
  | { readonly kind: "partial"; readonly word: Word }
  /** Behind `{{/`. */
  | { readonly kind: "close"; readonly word: Word };

/** What was typed of the word so far, and where. */
export interface Word {
  readonly text: string;
  readonly span: Span;
  /** It stands in quotes, which are not part of it. */
  readonly quoted: boolean;
}

/** Undefined outside of tags, and in comments. */
export function templatePlace(text: string, bodyStart: number, offset: number): TemplatePlace | undefined {
  const start = openTag(text, bodyStart, offset);
  if (start === undefined) return undefined;
  const head = /^\{\{\{?~?\s*([#/>^&!]?)[>*]?\s*/.exec(text.slice(start, offset))!;
  const from = start + head[0].length;
  switch (head[1]) {
    case "!":
      return undefined;
    case ">":
      return partialPlace(text, from, offset);
    case "/":
      return { kind: "close", word: plainWord(text, from, offset) };
    default:
      return callPlace(text, from, offset, head[1] === "#" || head[1] === "^" ? "block" : "inline");
  }
}

/** Where the tag begins that is still open. */
function openTag(text: string, bodyStart: number, offset: number): number | undefined {
  const start = text.lastIndexOf("{{", offset - 1);
  if (start < bodyStart || offset < start + 2) return undefined;
  const inner = text.slice(start, offset);
  // A closed tag, or a new line behind a slip.
  if (/\}\}/.test(inner.replace(/"[^"\n]*"|'[^'\n]*'/g, "")) || inner.split("\n").length > 20) return undefined;
  const first = text[start - 1] === "{" ? start - 1 : start;
  return text[first - 1] === "\\" ? undefined : first;
}

function partialPlace(text: string, from: number, offset: number): TemplatePlace {
  const written = text.slice(from, offset);
  if (/^\S*$/.test(written)) return { kind: "partial", word: plainWord(text, from, offset) };
  return { kind: "argument", helper: ">", index: 1, word: plainWord(text, wordStart(text, from, offset), offset) };
}

interface Token {
  readonly text: string;
  readonly start: number;
}

/** Words of the innermost call around the place; those of calls that are closed count as one. */
function callPlace(text: string, from: number, offset: number, form: "inline" | "block"): TemplatePlace {
  const calls: Token[][] = [[]];
  let at = from;
  while (at < offset) {
    const rest = text.slice(at, offset);
    const quoted = /^(?:[\w-]+=)?("[^"]*"?|'[^']*'?)/.exec(rest);
    const word = quoted?.[0] ?? /^(?:[\w-]+=(?=\()|[^\s()"']+)/.exec(rest)?.[0];
    if (word !== undefined) calls.at(-1)!.push({ text: word, start: at });
    else if (rest.startsWith("(")) calls.push([]);
    else if (rest.startsWith(")") && 1 < calls.length) calls.pop();
    if (rest.startsWith(")")) calls.at(-1)!.push({ text: ")", start: at });
    at += word?.length ?? 1;
  }
  const isNested = 1 < calls.length;
  const words = calls.at(-1)!;
  const last = words.at(-1);
  const isOpen = last !== undefined && last.start + last.text.length === offset && last.text !== ")";
  const current = isOpen && !isClosed(last.text) ? last : { text: "", start: offset };
  const before = words.filter((it) => it !== current);
  const [first, ...others] = before;
  if (first === undefined) return { kind: "name", form: isNested ? "call" : form, word: wordOf(current) };
  const setting = /^([\w-]+)=/.exec(current.text);
  if (setting !== null)
    return { kind: "setting", helper: first.text, key: setting[1]!, word: wordOf(current, setting[0].length) };
  const index = others.filter((it) => !/^[\w-]+=/.test(it.text)).length;
  return { kind: "argument", helper: first.text, index, word: wordOf(current) };
}

/** A text in quotes that has its end. */
function isClosed(word: string): boolean {
  const value = word.replace(/^[\w-]+=/, "");
  return 2 <= value.length && /^(["']).*\1$/s.test(value);
}

function wordOf({ text, start }: Token, skip = 0): Word {
  const value = text.slice(skip);
  const quoted = /^["']/.test(value);
  const from = start + skip + (quoted ? 1 : 0);
  return { text: quoted ? value.slice(1) : value, span: span(from, start + text.length), quoted };
}

function plainWord(text: string, from: number, offset: number): Word {
  return { text: text.slice(from, offset), span: span(from, offset), quoted: false };
}

function wordStart(text: string, from: number, offset: number): number {
  const match = /\S*$/.exec(text.slice(from, offset))!;
  return from + match.index;
}
