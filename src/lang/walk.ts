/** Visits the nodes and calls of a tree, in the order of the text. */

import type { Block, Call, Expression, Mustache, Node, Partial } from "./ast.js";
import type { Span } from "../base/text.js";

export function* allNodes(nodes: readonly Node[]): Iterable<Node> {
  for (const node of nodes) {
    yield node;
    if (node.kind === "block") {
      yield* allNodes(node.body);
      yield* allNodes(node.inverse);
    } else if (node.kind === "partial" && node.fallback !== undefined) yield* allNodes(node.fallback);
  }
}

export interface FoundCall extends Call {
  readonly form: "inline" | "block";
  readonly span: Span;
}

/** Everything that is called, or could be: mustaches, blocks and calls in parentheses. */
export function* allCalls(nodes: readonly Node[]): Iterable<FoundCall> {
  for (const node of allNodes(nodes)) {
    if (node.kind === "mustache") yield { ...node, form: "inline" };
    if (node.kind === "block") yield { ...node, form: "block", span: node.openSpan };
    if (node.kind === "text" || node.kind === "comment") continue;
    for (const it of argumentsOf(node)) yield* nestedCalls(it);
  }
}

function* nestedCalls(expression: Expression): Iterable<FoundCall> {
  if (expression.kind !== "call") return;
  yield { ...expression, form: "inline" };
  for (const it of argumentsOf(expression)) yield* nestedCalls(it);
}

export function argumentsOf({
  params,
  hash,
}: Pick<Mustache | Block | Partial | Call, "params" | "hash">): Expression[] {
  return [...params, ...hash.map((it) => it.value)];
}

/** The name of what is called: a plain word, or undefined for paths, data and literals. */
export function calleeName({ callee }: Call): string | undefined {
  if (callee.kind !== "path" || callee.isData || 0 < callee.up || callee.parts.length !== 1) return undefined;
  return callee.original === callee.parts[0] ? callee.original : undefined;
}

/** A call, and not just a variable: it has arguments. */
export function hasArguments({ params, hash }: Call): boolean {
  return 0 < params.length + hash.length;
}
