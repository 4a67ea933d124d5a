/** Which input variables a template uses. */

import { onceFor } from "../base/onceFor.js";
import type { Span } from "../base/text.js";
import type { Expression, Node } from "./ast.js";
import { helpers } from "./helperTable.js";
import { argumentsOf, calleeName, hasArguments } from "./walk.js";

export interface UsedVariable {
  /** The first word of the path. `this` when everything is passed on. */
  readonly name: string;
  readonly span: Span;
  /** The name is looked up in the input itself, and not in an item of a loop or the object of a `with`. */
  readonly isRoot: boolean;
}

/** In the order of the text. */
export const usedVariables = onceFor((nodes: readonly Node[]): readonly UsedVariable[] => {
  const found: UsedVariable[] = [];
  visit(nodes, 0, []);
  return found;

  /** `depth`: how many blocks around here have a context of their own. `local`: names after `as |...|`. */
  function visit(from: readonly Node[], depth: number, local: readonly string[]): void {
    for (const node of from) {
      if (node.kind === "text" || node.kind === "comment") continue;
      if (node.kind === "partial") {
        for (const it of argumentsOf(node)) use(it, depth, local);
        if (node.fallback !== undefined) visit(node.fallback, depth, local);
        continue;
      }
      for (const it of argumentsOf(node)) use(it, depth, local);
      const name = calleeName(node);
      const isHelper = name !== undefined && helpers.some((it) => it.name === name);
      if (!isHelper && !hasArguments(node)) use(node.callee, depth, local);
      if (node.kind !== "block") continue;
      const changesContext = name === "each" || name === "with" || name === "shots" || !isHelper;
      visit(node.body, depth + (changesContext ? 1 : 0), [...local, ...node.blockParams]);
      visit(node.inverse, depth, local);
    }
  }

  function use(expression: Expression, depth: number, local: readonly string[]): void {
    if (expression.kind === "call") {
      for (const it of argumentsOf(expression)) use(it, depth, local);
      return;
    }
    if (expression.kind !== "path" || expression.isData) return;
    const [name] = expression.parts;
    if (name === undefined) {
      // `this` or `.`: of the input itself only outside of loops.
      if (depth === expression.up) found.push({ name: "this", span: expression.span, isRoot: false });
      return;
    }
    if (local.includes(name) || expression.original.startsWith("this")) return;
    found.push({ name, span: expression.span, isRoot: depth <= expression.up });
  }
});
