/** What can be folded away: the front matter and its keys, messages, blocks, long comments. */

import { isCollection, visit } from "yaml";

import type { Span } from "../../base/text.js";
import type { PromptFile } from "../ast.js";
import { allNodes } from "../walk.js";
import { outline } from "./outline.js";

export interface Fold {
  readonly span: Span;
  readonly kind: "region" | "comment";
}

/** Places of several lines; the first line stays in view. */
export function folds(file: PromptFile): readonly Fold[] {
  const { frontMatter, body, text } = file;
  const found: Fold[] = [];
  const add = (span: Span, kind: Fold["kind"] = "region") => {
    const end = span.start + text.slice(span.start, span.end).trimEnd().length;
    if (text.slice(span.start, end).includes("\n")) found.push({ span: { start: span.start, end }, kind });
  };
  if (frontMatter !== undefined) {
    add(frontMatter.span);
    visit(frontMatter.document, {
      Pair(_, { key, value }) {
        const from = (key as { readonly range?: readonly number[] | null } | null)?.range;
        const to = isCollection(value) ? value.range : undefined;
        if (from && to) add({ start: frontMatter.yamlSpan.start + from[0]!, end: frontMatter.yamlSpan.start + to[1] });
      },
    });
  }
  for (const it of outline(file)) if (it.kind === "message" && it.nameSpan.start < it.nameSpan.end) add(it.span);
  for (const node of allNodes(body.nodes)) {
    if (node.kind === "block") add(node.span);
    if (node.kind === "comment") add(node.span, "comment");
  }
  return found;
}
