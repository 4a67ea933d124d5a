/** The front matter, printed anew where that changes nothing of what it says. */

import { Lexer } from "yaml";

import { span } from "../../base/text.js";
import type { FrontMatter } from "../ast.js";
import { readFrontMatter } from "../frontMatter.js";
import { applyEdits, type TextEdit } from "../edit.js";
import { lineEdits } from "./lineEdits.js";
import { printYaml } from "./printYaml.js";
import { sameTree } from "./sameTree.js";

/** The package prints some comments differently the second time, and the same from then on. */
const MOST_PRINTS = 4;

/** Nothing for YAML with errors. */
export function frontMatterEdits(text: string, frontMatter: FrontMatter): readonly TextEdit[] {
  const fences = fenceEdits(text, frontMatter);
  const edits = [...fences.slice(0, 1), ...yamlEdits(text, frontMatter), ...fences.slice(1)].filter(
    (it) => it.text !== text.slice(it.span.start, it.span.end),
  );
  return saysTheSame(text, applyEdits(text, edits)) ? edits : [];
}

/** White space behind both fences. */
function fenceEdits(text: string, { span: whole, yamlSpan }: FrontMatter): readonly TextEdit[] {
  return [whole.start, yamlSpan.end].map((fence) => {
    const start = fence + "---".length;
    const space = /[ \t]*/y;
    space.lastIndex = start;
    return { span: span(start, start + space.exec(text)![0].length), text: "" };
  });
}

function yamlEdits(text: string, { yamlSpan, document }: FrontMatter): readonly TextEdit[] {
  if (document.contents === null) return [];
  const source = text.slice(yamlSpan.start, yamlSpan.end);
  const printed = settled(source.replace(/\r\n/g, "\n"));
  if (printed === undefined) return [];
  const lineBreak = /\r?\n/.exec(source)?.[0] ?? "\n";
  const edits = lineEdits(source, printed.replace(/\n/g, lineBreak));
  return edits.map((it) => ({
    span: span(yamlSpan.start + it.span.start, yamlSpan.start + it.span.end),
    text: it.text,
  }));
}

/** Printed until it stays, so that whoever formats twice gets the same. */
function settled(source: string): string | undefined {
  let now = source;
  for (let i = 0; i < MOST_PRINTS; i++) {
    const printed = print(now);
    if (printed === undefined || printed === now) return printed;
    now = printed;
  }
  return undefined;
}

function print(source: string): string | undefined {
  try {
    const printed = printYaml(source).replace(/^\n+/, "");
    return keepsEnd(printed) ? printed : printed.replace(/\n+$/, "\n");
  } catch {
    return undefined; // the package throws at what it cannot print; such a front matter stays as it is
  }
}

/** Whether the last value may be a block text whose last line breaks count (`|+`). */
function keepsEnd(yaml: string): boolean {
  const lines = yaml.split("\n");
  const lastKey = lines.findLastIndex((it) => /^\S/.test(it));
  return lines.slice(Math.max(0, lastKey)).some((it) => /[|>][1-9]?\+/.test(it));
}

function saysTheSame(before: string, after: string): boolean {
  const [was, is] = [readFrontMatter(before), readFrontMatter(after)];
  if (was.frontMatter === undefined || is.frontMatter === undefined) return false;
  if (0 < was.diagnostics.length + is.diagnostics.length) return false;
  if (before.slice(was.end) !== after.slice(is.end)) return false;
  if (!sameTree(was.frontMatter.value, is.frontMatter.value)) return false;
  return sameTree(unspokenOf(before, was.frontMatter), unspokenOf(after, is.frontMatter));
}

/** What is no part of the value and must not get lost: comments, anchors, aliases and tags. */
function unspokenOf(text: string, { yamlSpan }: FrontMatter): readonly string[] {
  const tokens = [...new Lexer().lex(text.slice(yamlSpan.start, yamlSpan.end))];
  return tokens.filter((it, i) => /^[#&*!]/.test(it) && tokens[i - 1] !== "\u001f").map((it) => it.trimEnd());
}
