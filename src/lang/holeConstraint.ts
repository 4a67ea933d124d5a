/** What a hole may hold, as the engine takes it. What cannot be kept is refused by name, before anything is written. */

import { TillerError } from "../base/error.js";
import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import { compileMachine } from "../constraint/constraint.js";
import type { HoleConstraint, HoleSpec } from "./hole.js";
import { expandSchema } from "./picoschema.js";
import type { ConstraintSpec } from "../protocol/constraint.js";

/** Throws `constraint-unsupported` and `constraint-invalid`. `outputSchema` is what `json: $output` stands for. */
export function holeConstraint(hole: HoleSpec, outputSchema: Json | undefined): ConstraintSpec | undefined {
  try {
    return checkedConstraint(hole, outputSchema);
  } catch (error) {
    if (!(error instanceof TillerError)) throw error;
    const key = hole.constraint === undefined ? "" : `, \`${hole.constraint.kind}\``;
    throw new TillerError(error.code, `Hole "${hole.name}"${key}: ${error.message}`, { cause: error });
  }
}

/** The same, with messages that do not name the hole. */
export function checkedConstraint(hole: LimitedHole, outputSchema: Json | undefined): ConstraintSpec | undefined {
  const spec = constraintOf(hole, outputSchema);
  if (spec !== undefined) compileMachine(spec);
  return spec;
}

export type LimitedHole = Pick<HoleSpec, "constraint" | "limits" | "stop">;

/** Constraint and limits as one, not compiled yet. Undefined where there is nothing to keep but a stop text. */
export function constraintOf({ constraint, limits, stop }: LimitedHole, outputSchema: Json | undefined) {
  const own = constraint === undefined || constraint.kind === "text" ? undefined : specOf(constraint, outputSchema);
  const isFree = own === undefined;
  // Values that end by themselves know no stop text.
  const stops = isFree || own.kind === "regex" ? stop : undefined;
  if (limits === undefined && (isFree || stops === undefined)) return own;
  if (limits !== undefined && (own?.kind === "json" || own?.kind === "grammar"))
    throw notLimited(constraint!.kind, limits);
  const text = limits && ({ kind: "text", limits: { ...limits, ...(isFree && { visibleStart: true }) } } as const);
  const items = [own, text].filter((it) => it !== undefined);
  return { kind: "all", items, ...(stops && { stop: stops }) } satisfies ConstraintSpec;
}

function notLimited(kind: HoleConstraint["kind"], limits: NonNullable<HoleSpec["limits"]>): TillerError {
  const keys = Object.keys(limits).map((it) => `\`${it}\``);
  const way = kind === "grammar" ? "Say it in the grammar" : kind === "json" ? "Say it in the schema" : "Use a regex";
  return new TillerError(
    "constraint-unsupported",
    `${keys.join(" and ")} cannot be enforced together with \`${kind}\`. ${way}, or set \`level: check\`.`,
  );
}

function specOf(constraint: Exclude<HoleConstraint, { kind: "text" }>, outputSchema: Json | undefined): ConstraintSpec {
  switch (constraint.kind) {
    case "choice":
      return { kind: "choice", options: constraint.options };
    case "regex":
      return { kind: "regex", source: constraint.source };
    case "json":
      return { kind: "json", schema: schemaOf(constraint.schema, outputSchema), spaces: true };
    case "int":
      return { kind: "json", schema: { type: "integer", ...bounds(constraint.options) } };
    case "number":
      return { kind: "json", schema: { type: "number", ...bounds(constraint.options) } };
    case "grammar":
      return { kind: "grammar", gbnf: constraint.gbnf };
    default:
      return constraint satisfies never;
  }
}

function schemaOf(schema: Json, outputSchema: Json | undefined): Json {
  if (schema === "$output") {
    if (outputSchema !== undefined) return outputSchema;
    throw new TillerError("constraint-invalid", "$output stands for `output.schema`, and the file has none.");
  }
  if (typeof schema === "boolean") return schema;
  const { schema: expanded, problems } = expandSchema(schema);
  const [first] = problems;
  if (first === undefined) return expanded ?? true;
  throw new TillerError("constraint-invalid", `${[...first.path, first.message].join(": ")}.`);
}

/** `true`, or `{min, max}`. */
function bounds(options: Json): JsonObject {
  if (options === true) return {};
  const { min, max, ...others } = (isJsonObject(options) ? options : { others: options }) as { min?: Json; max?: Json };
  const fine = [min, max].every((it) => it === undefined || typeof it === "number");
  if (!fine || 0 < Object.keys(others).length)
    throw new TillerError("constraint-invalid", `expected true or {min, max}, found ${JSON.stringify(options)}.`);
  return { ...(min !== undefined && { minimum: min }), ...(max !== undefined && { maximum: max }) };
}
