/**
 * A `.prompt` file in the form that everybody else's has. The text of a prompt is sent to a model to the letter, so nothing outside
 * of tags and front matter is touched, and each half is left alone where it would not say the same afterwards.
 */

import { span } from "../../base/text.js";
import type { Body } from "../ast.js";
import { dialectOf } from "../dialect.js";
import { readFrontMatter } from "../frontMatter.js";
import { parseTemplate } from "../handlebarsTree.js";
import { parse, parseBody } from "../parser.js";
import { applyEdits, type TextEdit } from "../edit.js";
import { frontMatterEdits } from "./frontMatterEdits.js";
import { sameTree } from "./sameTree.js";
import { tagEdits } from "./tagEdits.js";

export type FormatResult =
  | { readonly text: string }
  /** Why the file cannot be formatted at all; a clause without its end. */
  | { readonly refused: string };

/** A partial is inserted as it is: all of its text is sent, even what would be a front matter elsewhere. */
export type TextKind = "prompt" | "partial";

export function formatPrompt(text: string, kind: TextKind = "prompt"): FormatResult {
  const found = editsOf(text, kind);
  return "refused" in found ? found : { text: applyEdits(text, found.edits) };
}

/** The same as edits, in the order of the text; none for a file that is refused. */
export function formatEdits(text: string, kind: TextKind = "prompt"): readonly TextEdit[] {
  const found = editsOf(text, kind);
  return "refused" in found ? [] : found.edits;
}

type FoundEdits = { readonly edits: readonly TextEdit[] } | Extract<FormatResult, { readonly refused: string }>;

function editsOf(text: string, kind: TextKind): FoundEdits {
  if (kind === "partial") return { edits: bodyEdits(text, parseBody(text, span(0, text.length)).body) };
  const { file, diagnostics } = parse(text);
  const { frontMatter, body, dialect } = file;
  if (dialect.kind === "other") return { refused: `this is not a Dotprompt file (${dialect.name})` };
  if (diagnostics.some((it) => it.code === "unclosed-front-matter")) return { refused: "the front matter has no end" };
  if (frontMatter === undefined) {
    const edits = bodyEdits(text, body);
    return { edits: isOnlyBody(applyEdits(text, edits)) ? edits : [] };
  }
  return { edits: [...frontMatterEdits(text, frontMatter), ...bodyEdits(text, body), ...finalBreak(text)] };
}

/** Lines that were joined inside of a tag can look like a fence's company or another tool's file, which are told by their lines. */
function isOnlyBody(text: string): boolean {
  return readFrontMatter(text).frontMatter === undefined && dialectOf(text, false).kind === "dotprompt";
}

function bodyEdits(text: string, { span: where, complete }: Body): readonly TextEdit[] {
  if (!complete) return [];
  const template = text.slice(where.start, where.end);
  const edits = tagEdits(template);
  if (edits === undefined || edits.length === 0) return [];
  if (!rendersTheSame(template, applyEdits(template, edits))) return [];
  return edits.map((it) => ({ span: span(where.start + it.span.start, where.start + it.span.end), text: it.text }));
}

/** All that decides what is rendered is in the tree; only the places of its nodes may move. */
function rendersTheSame(before: string, after: string): boolean {
  try {
    return sameTree(parseTemplate(before, 0).program, parseTemplate(after, 0).program, "loc");
  } catch {
    return false;
  }
}

/** Below a front matter the white space around the body is not sent. Without one it is, and stays as it is. */
function finalBreak(text: string): readonly TextEdit[] {
  if (/[\r\n]$/.test(text)) return [];
  const end = text.length;
  return [{ span: span(end, end), text: /\r?\n/.exec(text)?.[0] ?? "\n" }];
}
