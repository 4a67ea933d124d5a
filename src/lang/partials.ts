/** The partials that a template uses, directly or through each other. */

import type { Node, TemplatePiece } from "./ast.js";
import type { Diagnostic } from "./diagnostic.js";
import type { TemplateCache } from "./templateCache.js";
import { allNodes } from "./walk.js";

export interface LoadedPartial {
  readonly name: string;
  readonly text: string;
  readonly nodes: readonly Node[];
  /** None for a partial that is not well formed, or missing: it writes nothing. */
  readonly pieces: readonly TemplatePiece[];
}

export interface LoadedPartials {
  readonly partials: readonly LoadedPartial[];
  readonly diagnostics: readonly Diagnostic[];
}

export type FindPartial = (name: string) => string | undefined;

/** `find` gives a partial's source. What is missing or circular is reported where it is used. */
export function loadPartials(nodes: readonly Node[], find: FindPartial, templates: TemplateCache): LoadedPartials {
  const partials = new Map<string, LoadedPartial>();
  const diagnostics: Diagnostic[] = [];
  visit(nodes, undefined);
  for (const it of circles(nodes, partials)) diagnostics.push(it);
  return { partials: [...partials.values()], diagnostics };

  function visit(from: readonly Node[], inPartial: string | undefined): void {
    for (const node of allNodes(from)) {
      if (
        node.kind !== "partial" ||
        node.name === undefined ||
        node.name === "@partial-block" ||
        partials.has(node.name)
      )
        continue;
      const text = find(node.name);
      if (text === undefined) {
        if (node.fallback !== undefined) continue;
        diagnostics.push({ ...missing(node.name), span: node.nameSpan, ...within(inPartial) });
        // Once reported it is empty, and what stands around it can still be shown.
        partials.set(node.name, { name: node.name, text: "", nodes: [], pieces: [] });
        continue;
      }
      const { body, diagnostics: found } = templates.parsePartial(text);
      for (const it of found) diagnostics.push({ ...it, partial: node.name });
      const nodes = body.complete ? body.nodes : [];
      partials.set(node.name, { name: node.name, text, nodes, pieces: body.pieces ?? [] });
      visit(body.nodes, node.name);
    }
  }
}

/**
 * Partials that always come back to themselves. A partial inside a block may end: the block decides, and rendering has a limit
 * for those that do not.
 */
function* circles(nodes: readonly Node[], partials: ReadonlyMap<string, LoadedPartial>): Iterable<Diagnostic> {
  const reported = new Set<string>();
  for (const node of allNodes(nodes)) {
    if (node.kind !== "partial" || node.name === undefined || reported.has(node.name)) continue;
    const circle = circleFrom(node.name, partials, []);
    if (circle === undefined) continue;
    reported.add(node.name);
    const message = `expected partials that end, found a circle: ${circle.map((it) => `"${it}"`).join(" uses ")}`;
    yield { code: "circular-partial", severity: "error", span: node.nameSpan, message };
  }
}

function circleFrom(
  name: string,
  partials: ReadonlyMap<string, LoadedPartial>,
  path: readonly string[],
): readonly string[] | undefined {
  if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
  for (const node of partials.get(name)?.nodes ?? []) {
    // Only what stands outside of blocks is always reached.
    if (node.kind !== "partial" || node.name === undefined) continue;
    const circle = circleFrom(node.name, partials, [...path, name]);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

function missing(name: string) {
  const file = name.includes("/") ? name.replace(/([^/]+)$/, "_$1.prompt") : `_${name}.prompt`;
  return {
    code: "missing-partial",
    severity: "error",
    message: `expected the file "${file}", which this partial is read from`,
  } as const;
}

function within(partial: string | undefined) {
  return partial === undefined ? {} : { partial };
}
