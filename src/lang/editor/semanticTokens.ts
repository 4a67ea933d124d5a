/** What the words of a template mean, for colours that a grammar alone cannot give. */

import type { Span } from "../../base/text.js";
import type { PromptFile } from "../ast.js";
import { helpers } from "../helperTable.js";
import { allCalls, calleeName, hasArguments } from "../walk.js";
import { occurrences } from "./occurrences.js";
import { rolesIn } from "./outline.js";

export const tokenTypes = ["variable", "property", "function", "keyword", "namespace", "enumMember"] as const;
export type TokenType = (typeof tokenTypes)[number];

export interface SemanticToken {
  readonly span: Span;
  readonly type: TokenType;
  readonly declaration: boolean;
}

const types = { variable: "variable", hole: "property", partial: "namespace" } as const;
/** Helpers that need no argument to be one. */
const argumentless: readonly string[] = ["history", "shots", "emphasize"];
const control = new Set(["if", "unless", "each", "with", "ifEquals", "unlessEquals"]);

/** In the order of the text, none overlapping another. */
export function semanticTokens(file: PromptFile): readonly SemanticToken[] {
  const { body, text } = file;
  const found: SemanticToken[] = occurrences(file).map(({ symbol, span, role }) => ({
    span,
    type: types[symbol.kind],
    declaration: role === "definition",
  }));
  for (const call of allCalls(body.nodes)) {
    const name = calleeName(call);
    const known = helpers.find((it) => it.name === name);
    if (known === undefined || (!hasArguments(call) && !argumentless.includes(known.name))) continue;
    found.push({ span: call.callee.span, type: control.has(known.name) ? "keyword" : "function", declaration: false });
  }
  for (const { name, span } of rolesIn(body.nodes)) {
    const start = span.start + text.slice(span.start, span.end).lastIndexOf(name);
    found.push({ span: { start, end: start + name.length }, type: "enumMember", declaration: false });
  }
  return apart(found.sort((a, b) => a.span.start - b.span.start));
}

function apart(tokens: readonly SemanticToken[]): readonly SemanticToken[] {
  let end = 0;
  return tokens.filter(({ span }) => {
    if (span.start < end || span.end <= span.start) return false;
    end = span.end;
    return true;
  });
}
