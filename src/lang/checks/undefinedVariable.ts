// undefined-variable: the template uses a variable that the file's own schema does not declare.

import { inputVariables } from "../inputs.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { nearest } from "../nearest.js";
import { usedVariables } from "../variables.js";

export function undefinedVariable({ file, metadata }: CheckContext): Diagnostic[] {
  const declared = inputVariables(file)?.map((it) => it.name);
  // Without a schema, or with one that takes any key, every name may be given.
  const schema = metadata.input?.["schema"] as { additionalProperties?: unknown } | undefined;
  if (declared === undefined || schema?.additionalProperties !== false) return [];
  return usedVariables(file.body.nodes).flatMap(({ name, span, isRoot }): Diagnostic[] => {
    if (!isRoot || declared.includes(name)) return [];
    const near = nearest(name, declared);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    return [
      { code: "undefined-variable", severity: "warning", span, message: `no variable is called "${name}"${hint}` },
    ];
  });
}
