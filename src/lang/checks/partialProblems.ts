// missing-partial, circular-partial: partials that cannot be read or never end, and what is wrong inside of them.

import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { allNodes } from "../walk.js";

/** Problems inside a partial are shown where this file uses it. */
export function partialProblems({ file, partials }: CheckContext): Diagnostic[] {
  if (partials === undefined) return [];
  const uses = allNodes(file.body.nodes).flatMap((it) => (it.kind === "partial" ? [it] : []));
  return partials.diagnostics.map((it) => {
    if (it.partial === undefined) return it;
    const use = uses.find(({ name }) => name === it.partial) ?? uses[0];
    return {
      ...it,
      message: `in partial "${it.partial}": ${it.message}`,
      span: use?.nameSpan ?? file.body.span,
      partial: it.partial,
    };
  });
}
