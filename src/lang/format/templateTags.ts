/**
 * The tags of a template and what they are made of, with every offset. Handlebars' parser gives the places of expressions, but
 * neither those of its tokens nor the white space between them; so this follows the rules of its lexer, in their order. It expects
 * a template that the parser accepts, and gives up at what has no place in one.
 */

import { span, type Span } from "../../base/text.js";

export interface Tag {
  readonly span: Span;
  /** From the opening braces to the closing ones. Empty where nothing may change: comments and raw blocks. */
  readonly tokens: readonly Token[];
}

export interface Token {
  readonly kind: TokenKind;
  readonly span: Span;
  readonly text: string;
}

export type TokenKind =
  /** `{{`, `{{#`, `{{~^` and so on. */
  | "open"
  /** `{{>`, `{{#>`, `{{else`: a space follows. */
  | "open-wide"
  /** `{{else}}` and `{{^}}`: the whole tag. */
  | "whole"
  | "close"
  /** A name, a text, a number. */
  | "word"
  /** `/` or `.` inside of a path. */
  | "separator"
  | "("
  | ")"
  | "="
  | "@"
  /** `as |` */
  | "as"
  | "|";

/** Undefined for a template that is not well formed. */
export function tagsOf(template: string): readonly Tag[] | undefined {
  const tags: Tag[] = [];
  let at = 0;
  for (;;) {
    const start = nextTag(template, at);
    if (start === undefined) return tags;
    const tag = tagAt(template, start);
    if (tag === undefined) return undefined;
    tags.push(tag);
    at = tag.span.end;
  }
}

/** Of two backslashes before braces the first takes the second's meaning away. */
function nextTag(template: string, from: number): number | undefined {
  let textStart = from;
  let at = template.indexOf("{{", from);
  while (0 <= at) {
    const before = template.slice(textStart, at);
    if (!before.endsWith("\\") || before.endsWith("\\\\")) return at;
    textStart = escapedEnd(template, at);
    at = template.indexOf("{{", textStart);
  }
  return undefined;
}

/** Escaped text goes on to the next braces, or to the backslashes before them. */
function escapedEnd(template: string, start: number): number {
  const next = template.indexOf("{{", start + 2);
  if (next < 0) return template.length;
  let end = next;
  while (start + 2 < end && next - 2 < end && template[end - 1] === "\\") end--;
  return end;
}

function tagAt(template: string, start: number): Tag | undefined {
  const comment = matchAt(/\{\{~?!--/y, template, start)
    ? matchAt(/[\s\S]*?--~?\}\}/y, template, start)
    : matchAt(/\{\{~?![\s\S]*?\}\}/y, template, start);
  if (comment !== undefined) return opaque(start, start + comment.length);
  if (template.startsWith("{{{{", start)) return rawBlock(template, start);
  const tokens = tokensOf(template, start, openings);
  return tokens && { span: span(start, tokens.at(-1)!.span.end), tokens };
}

function opaque(start: number, end: number): Tag {
  return { span: span(start, end), tokens: [] };
}

/** Raw blocks may hold others; what stands in them is text. */
function rawBlock(template: string, start: number): Tag | undefined {
  const head = tokensOf(template, start, [["open", /\{\{\{\{/y]]);
  if (head === undefined) return undefined;
  let at = head.at(-1)!.span.end;
  for (let depth = 1; 0 < depth;) {
    at = template.indexOf("{{{{", at);
    if (at < 0) return undefined;
    const end = matchAt(rawEnd, template, at);
    if (template[at + 4] !== "/") depth++;
    else if (end !== undefined) depth--;
    at += end?.length ?? (template[at + 4] === "/" ? 1 : 4);
  }
  return opaque(start, at);
}

type Rules = readonly (readonly [TokenKind | "space", RegExp])[];

function tokensOf(template: string, start: number, opening: Rules): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    const found = firstMatch(at === start ? opening : inside, template, at);
    if (found === undefined) return undefined;
    const [kind, text] = found;
    if (kind !== "space") tokens.push({ kind, span: span(at, at + text.length), text });
    at += text.length;
    if (kind === "close" || kind === "whole") return tokens;
  }
}

function firstMatch(rules: Rules, template: string, at: number): readonly [TokenKind | "space", string] | undefined {
  for (const [kind, pattern] of rules) {
    const text = matchAt(pattern, template, at);
    if (text !== undefined) return [kind, text];
  }
  return undefined;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const rawEnd = /\{\{\{\{\/[^\s!"#%-,./;->@[-^`{-~]+(?=[=}\s/.])\}\}\}\}/y;

const openings: Rules = [
  ["open-wide", /\{\{~?#?>/y],
  ["open", /\{\{~?#\*?/y],
  ["open", /\{\{~?\//y],
  ["whole", /\{\{~?\^\s*~?\}\}/y],
  ["whole", /\{\{~?\s*else\s*~?\}\}/y],
  ["open", /\{\{~?\^/y],
  ["open-wide", /\{\{~?\s*else\b/y],
  ["open", /\{\{~?\{/y],
  ["open", /\{\{~?&/y],
  ["open", /\{\{~?\*?/y],
];

const inside: Rules = [
  ["(", /\(/y],
  [")", /\)/y],
  ["close", /\}\}\}\}/y],
  ["=", /=/y],
  ["word", /\.\./y],
  ["word", /\.(?=[=~}\s/.)|])/y],
  ["separator", /[/.]/y],
  ["space", /\s+/y],
  ["close", /\}?~?\}\}/y],
  ["word", /"(?:\\"|[^"])*"/y],
  ["word", /'(?:\\'|[^'])*'/y],
  ["@", /@/y],
  ["word", /-?[0-9]+(?:\.[0-9]+)?(?=[~}\s)])/y],
  ["as", /as\s+\|/y],
  ["|", /\|/y],
  ["word", /[^\s!"#%-,./;->@[-^`{-~]+(?=[=~}\s/.)|])/y],
  ["word", /\[(?:\\\]|[^\]])*\]/y],
];
