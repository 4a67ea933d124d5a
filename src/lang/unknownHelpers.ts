/** Calls of helpers that do not exist. Handlebars would write nothing for them, and drop the content of blocks. */

import { onceFor } from "../base/onceFor.js";
import type { Node } from "./ast.js";
import type { Diagnostic } from "./diagnostic.js";
import { helpers } from "./helperTable.js";
import { nearest } from "./nearest.js";
import { allCalls, calleeName, hasArguments } from "./walk.js";

export const unknownHelpers = onceFor((nodes: readonly Node[]): readonly Diagnostic[] => {
  const found: Diagnostic[] = [];
  for (const call of allCalls(nodes)) {
    const name = calleeName(call);
    // A word without arguments can be a variable, and a block over one is a loop or a condition.
    if (name === undefined || !hasArguments(call)) continue;
    const known = helpers.find((it) => it.name === name);
    if (known?.form === call.form || known?.form === "either") continue;
    found.push({
      code: "unknown-helper",
      severity: "error",
      span: call.callee.span,
      message: known === undefined ? unknown(name) : wrongForm(known.usage),
    });
  }
  return found;
});

function unknown(name: string): string {
  const near = nearest(
    name,
    helpers.map((it) => it.name),
  );
  return `no helper is called "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
}

function wrongForm(usage: string): string {
  return `expected this helper to be used as ${usage}`;
}
