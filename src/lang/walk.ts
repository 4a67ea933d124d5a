/** Visits the nodes and calls of a tree, in the order of the text. Every check and view asks for these, so they are kept with the tree. */

import { onceFor } from "../base/onceFor.js";
import type { Block, Call, Expression, Mustache, Node, Partial } from "./ast.js";
import type { Span } from "../base/text.js";

export const allNodes = onceFor((nodes: readonly Node[]): readonly Node[] => {
  const found: Node[] = [];
  addNodes(nodes, found);
  return found;
});

function addNodes(nodes: readonly Node[], found: Node[]): void {
  for (const node of nodes) {
    found.push(node);
    if (node.kind === "block") {
      addNodes(node.body, found);
      addNodes(node.inverse, found);
    } else if (node.kind === "partial" && node.fallback !== undefined) addNodes(node.fallback, found);
  }
}

export interface FoundCall extends Call {
  readonly form: "inline" | "block";
  readonly span: Span;
}

/** Everything that is called, or could be: mustaches, blocks and calls in parentheses. */
export const allCalls = onceFor((nodes: readonly Node[]): readonly FoundCall[] => {
  const found: FoundCall[] = [];
  for (const node of allNodes(nodes)) {
    if (node.kind === "text" || node.kind === "comment") continue;
    const { params, hash } = node;
    if (node.kind === "mustache") found.push({ callee: node.callee, params, hash, form: "inline", span: node.span });
    if (node.kind === "block") found.push({ callee: node.callee, params, hash, form: "block", span: node.openSpan });
    addNested(node, found);
  }
  return found;
});

function addNested({ params, hash }: Pick<Call, "params" | "hash">, found: FoundCall[]): void {
  for (const it of params) addCall(it, found);
  for (const it of hash) addCall(it.value, found);
}

function addCall(expression: Expression, found: FoundCall[]): void {
  if (expression.kind !== "call") return;
  const { callee, params, hash, span } = expression;
  found.push({ callee, params, hash, form: "inline", span });
  addNested(expression, found);
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
