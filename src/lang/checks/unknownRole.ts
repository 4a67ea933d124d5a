// unknown-role: a message is given a role that does not exist.

import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { roles } from "../helperTable.js";
import { nearest } from "../nearest.js";
import { allCalls, calleeName } from "../walk.js";

/** What other formats call the same. */
const otherNames: Readonly<Record<string, string>> = {
  assistant: "model",
  ai: "model",
  bot: "model",
  human: "user",
  developer: "system",
};

export function unknownRole({ file }: CheckContext): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const call of allCalls(file.body.nodes)) {
    const [name] = call.params;
    if (calleeName(call) !== "role" || name?.kind !== "literal") continue;
    const role = String(name.value);
    if ((roles as readonly string[]).includes(role)) continue;
    const near = otherNames[role] ?? nearest(role, roles);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    const message = `expected one of the roles ${roles.join(", ")}, found "${role}"${hint}`;
    found.push({ code: "unknown-role", severity: "error", span: name.span, message });
  }
  return found;
}
