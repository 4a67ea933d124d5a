/** White space inside of `{{...}}`. Tags of several lines, comments and raw blocks stay as they are. */

import type { TextEdit } from "../editor/edit.js";

export function formatTags(template: string): readonly TextEdit[] {
  if (template.includes("{{{{")) return [];
  const edits: TextEdit[] = [];
  for (const { start, end } of tags(template)) {
    const tag = template.slice(start, end);
    const formatted = formatTag(tag);
    if (formatted !== tag) edits.push({ span: { start, end }, text: formatted });
  }
  return edits;
}

function* tags(template: string): Iterable<{ readonly start: number; readonly end: number }> {
  for (let at = template.indexOf("{{"); 0 <= at;) {
    const comment = /^\{\{~?!(?:--[^]*?--~?\}\}|[^]*?\}\})/.exec(template.slice(at));
    const end = comment === null ? tagEnd(template, at) : at + comment[0].length;
    if (end === undefined) return;
    // Behind a backslash it is text.
    if (comment === null && template[at - 1] !== "\\") yield { start: at, end };
    at = template.indexOf("{{", end);
  }
}

/** Behind the braces that close the tag; those in texts do not count. */
function tagEnd(template: string, start: number): number | undefined {
  const close = template.startsWith("{{{", start) ? "}}}" : "}}";
  for (let i = start + 2; i < template.length; i++) {
    const character = template[i]!;
    if (character === '"' || character === "'" || character === "[") {
      i = template.indexOf(character === "[" ? "]" : character, i + 1);
      if (i < 0) return undefined;
    } else if (template.startsWith(close, i)) return i + close.length;
  }
  return undefined;
}

function formatTag(tag: string): string {
  const parts = /^(\{\{\{?~?)(\s*)([#/^>&]?[>*]?)([^]*?)(~?\}?\}\})$/.exec(tag);
  if (parts === null || tag.includes("\n")) return tag;
  const [, open, , mark, content, close] = parts;
  const inner = formatContent(content!);
  return `${open}${mark}${mark!.endsWith(">") && inner !== "" ? " " : ""}${inner}${close}`;
}

/** Words, texts and brackets, with one space between those that need one. */
function formatContent(content: string): string {
  const pieces = content.match(/"[^"]*"|'[^']*'|\[[^\]]*\]|[()=|]|[^\s"'[\]()=|]+|\s+/g) ?? [];
  let text = "";
  let spaced = false;
  let inBlockParams = false;
  for (const piece of pieces) {
    if (/^\s+$/.test(piece)) {
      spaced = true;
      continue;
    }
    const joins = piece === "=" || piece === ")" || /[=(]$/.test(text) || (inBlockParams && /\|$/.test(text));
    const closesParams = piece === "|" && inBlockParams;
    if (spaced && text !== "" && !joins && !closesParams) text += " ";
    if (piece === "|") inBlockParams = !inBlockParams;
    text += piece;
    spaced = false;
  }
  return text;
}
