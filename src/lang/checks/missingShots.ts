// missing-shots: the template has a place for shots, and the front matter has none.

import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { inputVariables } from "../inputs.js";
import { hasShots } from "../shots/readShots.js";
import { allCalls, calleeName } from "../walk.js";

/** A remark only: without `tiller.shots` this is a variable, which any Dotprompt file may have. */
export function missingShots({ file }: CheckContext): Diagnostic[] {
  if (hasShots(file) || inputVariables(file)?.some((it) => it.name === "shots") === true) return [];
  return allCalls(file.body.nodes).flatMap((call): Diagnostic[] => {
    if (calleeName(call) !== "shots") return [];
    const message = 'the front matter has no `tiller.shots`, so this is a variable called "shots"';
    return [{ code: "missing-shots", severity: "information", span: call.callee.span, message }];
  });
}
