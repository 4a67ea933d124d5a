/**
 * Text in, tree and diagnostics out. Parsing never fails: whatever the user has typed so far has a tree, because completion is
 * asked for in the middle of a word.
 */

import { messageOf } from "../base/error.js";
import { span, type Span } from "../base/text.js";
import type { Body, PromptFile } from "./ast.js";
import type { Diagnostic } from "./diagnostic.js";
import { dialectOf } from "./dialect.js";
import { readFrontMatter } from "./frontMatter.js";
import { parseTemplate } from "./handlebarsTree.js";
import { recover } from "./recovery.js";
import { nodesOf, parsePieces } from "./templatePieces.js";

export interface ParseResult {
  readonly file: PromptFile;
  readonly diagnostics: readonly Diagnostic[];
}

/** `earlier` is the file of a text that differs little: what both share is taken from it, and the result is the same without. */
export function parse(text: string, earlier?: PromptFile): ParseResult {
  const { frontMatter, end, diagnostics } = readFrontMatter(text, earlier?.frontMatter);
  const dialect = dialectOf(text, frontMatter !== undefined);
  if (dialect.kind === "other") {
    const body = {
      span: span(0, text.length),
      nodes: [{ kind: "text", span: span(0, text.length) }],
      complete: false,
    } as const;
    return { file: { text, dialect, frontMatter, body }, diagnostics: [otherDialect(dialect.name, dialect.span)] };
  }
  const bodySpan = frontMatter === undefined ? span(0, text.length) : trimmed(text, end);
  const { body, diagnostics: found } = parseBody(text, bodySpan, earlier);
  return { file: { text, dialect, frontMatter, body }, diagnostics: [...diagnostics, ...found] };
}

export interface ParsedBody {
  readonly body: Body;
  readonly diagnostics: readonly Diagnostic[];
}

/** The body of a partial, or of a file without front matter: all of the text is the template. */
export function parseBody(text: string, where: Span, earlier?: Pick<PromptFile, "text" | "body">): ParsedBody {
  const template = text.slice(where.start, where.end);
  const known = earlier && { text: earlier.text, pieces: earlier.body.pieces ?? [] };
  const { pieces, broken } = parsePieces(template, where.start, known);
  if (broken.length === 0)
    return { body: { span: where, nodes: nodesOf(pieces), complete: true, pieces }, diagnostics: [] };
  const recovered = broken.map((it) => ({ span: it, ...recover(text.slice(it.start, it.end), it.start) }));
  const diagnostics = recovered.flatMap((it) => it.diagnostics);
  const all = [...pieces, ...recovered].sort((a, b) => a.span.start - b.span.start);
  return {
    body: { span: where, nodes: nodesOf(all), complete: false },
    diagnostics: 0 < diagnostics.length ? diagnostics : [unexplained(template, where)],
  };
}

/** What our scanner has no name for is still wrong. */
function unexplained(template: string, where: Span): Diagnostic {
  let message = "the template is not well formed";
  try {
    parseTemplate(template, where.start);
  } catch (error) {
    message = reason(error);
  }
  return { code: "invalid-template", severity: "error", span: where, message };
}

function trimmed(text: string, from: number): Span {
  const rest = text.slice(from);
  const start = from + rest.length - rest.trimStart().length;
  return span(start, Math.max(start, from + rest.trimEnd().length));
}

function otherDialect(name: string, where: Span): Diagnostic {
  const message = `expected a Dotprompt file, found another format (${name}). Begin the file with "---" to make it one`;
  return { code: "other-dialect", severity: "error", span: where, message };
}

function reason(error: unknown): string {
  return `the template is not well formed: ${messageOf(error).split("\n")[0]}`;
}
