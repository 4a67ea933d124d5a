/** The holes that stand in a template as written: for checks and completion. What is rendered may have more, in loops. */

import { onceFor } from "../base/onceFor.js";
import type { Json, JsonObject } from "../base/json.js";
import type { Span } from "../base/text.js";
import type { Expression, Node } from "./ast.js";
import { allCalls, calleeName, type FoundCall } from "./walk.js";

export interface WrittenHole {
  readonly name: string;
  readonly nameSpan: Span;
  readonly span: Span;
  /** What the short form says; values that are computed are left out. */
  readonly settings: JsonObject;
  readonly keySpans: ReadonlyMap<string, Span>;
  /** Set when the hole stands inside a block, which may leave it out. */
  readonly branch: "block" | undefined;
}

/** Only holes whose name is written out. */
export const holesIn = onceFor((nodes: readonly Node[]): readonly WrittenHole[] => {
  const outer = new Set<Span>();
  for (const node of nodes) if (node.kind === "mustache") outer.add(node.span);
  return allCalls(nodes).flatMap((call) => {
    const hole = holeOf(call);
    return hole === undefined
      ? []
      : [{ ...hole, span: call.span, branch: outer.has(call.span) ? undefined : ("block" as const) }];
  });
});

function holeOf(call: FoundCall): Omit<WrittenHole, "span" | "branch"> | undefined {
  const helper = calleeName(call);
  if (helper !== "gen" && helper !== "select" && helper !== "section") return undefined;
  const [first, ...rest] = call.params;
  const name = textOf(first);
  if (first === undefined || name === undefined) return undefined;
  const keySpans = new Map(call.hash.map((it) => [it.key, it.span]));
  const settings = Object.fromEntries(
    call.hash.flatMap(({ key, value }) => literal(value).map((it): [string, Json] => [key, it])),
  );
  if (helper === "gen") return { name, nameSpan: first.span, settings, keySpans };
  if (helper === "select") {
    const choice = rest.flatMap(literal);
    // Options that are computed are not known here; one stands for them.
    return {
      name,
      nameSpan: first.span,
      settings: { ...settings, choice: 0 < choice.length || rest.length === 0 ? choice : ["..."] },
      keySpans,
    };
  }
  if (!name.startsWith("gen:")) return undefined;
  return { name: name.slice("gen:".length), nameSpan: first.span, settings: {}, keySpans };
}

function textOf(expression: Expression | undefined): string | undefined {
  return expression?.kind === "literal" && typeof expression.value === "string" ? expression.value : undefined;
}

function literal(expression: Expression): Json[] {
  return expression.kind === "literal" && expression.value !== undefined ? [expression.value] : [];
}
