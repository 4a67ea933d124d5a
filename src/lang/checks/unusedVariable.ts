// unused-variable: the schema declares a variable that the template never uses.

import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { keySpan } from "../frontMatter.js";
import { inputVariables } from "../inputs.js";
import { readShotSelect } from "../shots/shotSelect.js";
import { usedVariables } from "../variables.js";

export function unusedVariable(context: CheckContext): Diagnostic[] {
  const { file, partials } = context;
  const { frontMatter, body } = file;
  const declared = inputVariables(file);
  if (frontMatter === undefined || declared === undefined || !body.complete) return [];
  const trees = [body.nodes, ...(partials?.partials.map((it) => it.nodes) ?? [])];
  const used = new Set(trees.flatMap(usedVariables).map((it) => it.name));
  for (const it of selectingVariables(context)) used.add(it);
  // The whole input can be passed on, and a partial that nobody can read may use anything.
  const unknown = partials === undefined && body.nodes.some((it) => it.kind === "partial");
  if (used.has("this") || unknown) return [];
  return declared.flatMap(({ name }): Diagnostic[] => {
    if (used.has(name)) return [];
    const span = keySpan(frontMatter, schemaPath(frontMatter.value, name));
    return [
      {
        code: "unused-variable",
        severity: "information",
        span,
        message: `the variable "${name}" is declared but not used`,
      },
    ];
  });
}

/** Variables that decide which shots are used. */
function selectingVariables({ file, shots }: CheckContext): readonly string[] {
  const conditions = shots.shots.flatMap((it) => Object.keys(it.when));
  return readShotSelect(file).select.strategy === "tags" ? [...conditions, "tags"] : conditions;
}

/** Where a variable is declared: Picoschema writes hints behind its name, JSON Schema puts it under `properties`. */
function schemaPath(value: Readonly<Record<string, unknown>>, name: string): string[] {
  const schema = (value["input"] as { schema?: Record<string, unknown> }).schema ?? {};
  const key = Object.keys(schema).find((it) => it.replace(/\(.*$/, "").replace(/\?$/, "").trim() === name);
  return key === undefined ? ["input", "schema", "properties", name] : ["input", "schema", key];
}
