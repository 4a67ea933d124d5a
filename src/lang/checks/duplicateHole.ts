// duplicate-hole: two holes have one name, so nobody could tell their values apart.

import type { Span } from "../../base/text.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { holesIn } from "../holes.js";

export function duplicateHole({ file }: CheckContext): Diagnostic[] {
  const first = new Map<string, Span>();
  const found: Diagnostic[] = [];
  for (const { name, nameSpan, branch } of holesIn(file.body.nodes)) {
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, nameSpan);
      continue;
    }
    // In two branches of one condition only one of them is ever there.
    if (branch !== undefined) continue;
    const notes = [{ span: before, message: "the first one is here" }];
    found.push({
      code: "duplicate-hole",
      severity: "error",
      span: nameSpan,
      message: `expected a name of its own for every hole, found a second "${name}"`,
      notes,
    });
  }
  return found;
}
