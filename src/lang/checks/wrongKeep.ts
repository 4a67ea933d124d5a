// wrong-keep: the priority of a `{{#keep}}` block is no number.

import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { PRIORITY_EXPECTED } from "../keepHelper.js";
import { allCalls, calleeName } from "../walk.js";

export function wrongKeep({ file }: CheckContext): Diagnostic[] {
  return allCalls(file.body.nodes).flatMap((call): Diagnostic[] => {
    const [priority] = call.params;
    if (calleeName(call) !== "keep" || priority?.kind !== "literal" || typeof priority.value === "number") return [];
    const message = `${PRIORITY_EXPECTED}, found ${JSON.stringify(priority.value ?? null)}`;
    return [{ code: "wrong-keep", severity: "error", span: priority.span, message }];
  });
}
