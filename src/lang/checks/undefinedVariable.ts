// undefined-variable: the template uses a variable that the file's own schema does not declare.

import { closedVariables } from "../inputs.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { nearest } from "../nearest.js";
import { usedVariables } from "../variables.js";

export function undefinedVariable({ file }: CheckContext): Diagnostic[] {
  // Without a schema, or with one that takes any key, every name may be given.
  const declared = closedVariables(file);
  if (declared === undefined) return [];
  return usedVariables(file.body.nodes).flatMap(({ name, span, isRoot }): Diagnostic[] => {
    if (!isRoot || declared.includes(name)) return [];
    const near = nearest(name, declared);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    return [
      { code: "undefined-variable", severity: "warning", span, message: `no variable is called "${name}"${hint}` },
    ];
  });
}
