/** White space inside of tags. What stands outside of them is the prompt itself, and not ours to change. */

import { span } from "../../base/text.js";
import type { TextEdit } from "../edit.js";
import { tagsOf, type Tag, type Token } from "./templateTags.js";

/** Undefined for a template that is not well formed. Offsets are those of the template. */
export function tagEdits(template: string): readonly TextEdit[] | undefined {
  const edits: TextEdit[] = [];
  let base = "";
  let end = 0;
  const tags = tagsOf(template);
  for (const tag of tags ?? []) {
    // A tag that begins in the last line of another is indented like that one, whose own lines may move.
    if (end === 0 || /[\r\n]/.test(template.slice(end, tag.span.start))) base = indentOf(template, tag.span.start);
    end = tag.span.end;
    edits.push(...editsOf(template, tag, base));
  }
  return tags && edits;
}

function indentOf(template: string, at: number): string {
  const line = Math.max(template.lastIndexOf("\n", at - 1), template.lastIndexOf("\r", at - 1)) + 1;
  return /[ \t]*/y.exec(template.slice(at === 0 ? 0 : line, at))![0];
}

function editsOf(template: string, { tokens }: Tag, base: string): TextEdit[] {
  const edits: TextEdit[] = [];
  const put = (start: number, end: number, text: string) => {
    if (template.slice(start, end) !== text) edits.push({ span: span(start, end), text });
  };
  const keepsLines = 2 <= argumentCount(tokens);
  let isBroken = false;
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1];
    if (before !== undefined) {
      const gap = gapBetween(before, token);
      const lineBreak = /\r\n|\r|\n/.exec(template.slice(before.span.end, token.span.start))?.[0];
      const inner = gap === " " && before.kind !== "open-wide";
      const breaks: boolean = keepsLines && lineBreak !== undefined && (inner || (token.kind === "close" && isBroken));
      const indent = base + (token.kind === "close" ? "" : "  ".repeat(1 + depth));
      put(before.span.end, token.span.start, breaks ? lineBreak + indent : gap);
      isBroken ||= breaks;
    }
    put(token.span.start, token.span.end, tidy(token));
    if (token.kind === "(") depth++;
    if (token.kind === ")") depth--;
  }
  return edits;
}

/** Those of the tag's own call. */
function argumentCount(tokens: readonly Token[]): number {
  let depth = 0;
  let count = 0;
  for (const [i, token] of tokens.entries()) {
    if (token.kind === ")") depth--;
    const before = tokens[i - 1];
    if (depth === 0 && before !== undefined && before.kind !== "open-wide" && gapBetween(before, token) === " ")
      count++;
    if (token.kind === "(") depth++;
  }
  return count;
}

/** Tokens that hold white space themselves. */
function tidy({ kind, text }: Token): string {
  switch (kind) {
    case "as":
      return "as |";
    case "whole":
    case "open-wide":
      return text.replace(/\s+/g, "");
    default:
      return text;
  }
}

const tightAfter: readonly Token["kind"][] = ["open", "(", "=", "@", "separator", "as"];
const tightBefore: readonly Token["kind"][] = ["close", ")", "=", "separator", "|"];

function gapBetween(before: Token, after: Token): "" | " " {
  return tightAfter.includes(before.kind) || tightBefore.includes(after.kind) ? "" : " ";
}
