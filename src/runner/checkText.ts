/** `level: check`: what is wrong with a text that was written without a mask. */

import { runInNewContext } from "node:vm";

import { Ajv2020 } from "ajv/dist/2020.js";

import { messageOf, TillerError } from "../base/error.js";
import type { Json } from "../base/json.js";
import { compileMachine } from "../constraint/constraint.js";
import { explain } from "../constraint/explain.js";
import { formats } from "../constraint/schema/formats.js";
import { constraintOf } from "../lang/holeConstraint.js";
import type { HoleSpec } from "../lang/hole.js";
import type { ConstraintSpec, TextLimits } from "../protocol/constraint.js";

export type Checked = { readonly value: Json } | { readonly problem: string };

/** An expression that backtracks for longer is given up. */
const REGEX_MS = 1000;

/** `text` without white space around it. Throws `constraint-invalid` for a constraint that is not valid itself. */
export function checkText(hole: HoleSpec, outputSchema: Json | undefined, text: string): Checked {
  const limited = checkLimits(hole.limits ?? {}, text);
  if (limited !== undefined) return { problem: limited };
  const { constraint } = hole;
  if (constraint === undefined || constraint.kind === "text") return { value: text };
  const spec = constraintOf({ constraint }, outputSchema);
  return spec === undefined ? { value: text } : checkConstraint(spec, text);
}

/** Throws as above. */
export function checkConstraint(spec: ConstraintSpec, text: string): Checked {
  switch (spec.kind) {
    case "json":
      return checkJson(spec.schema, text);
    case "regex":
      return matches(spec.source, text) ? { value: text } : { problem: `it does not match ${spec.source}` };
    case "choice":
      return spec.options.includes(text) ? { value: text } : { problem: "it is none of the options" };
    default:
      return checkSpec(spec, text);
  }
}

function checkLimits(limits: TextLimits, text: string): string | undefined {
  for (const [key, value] of Object.entries(limits)) {
    const { problem } = checkSpec({ kind: "text", limits: { [key]: value as Json } }, text) as { problem?: string };
    if (problem !== undefined) return `\`${key}\` is not kept`;
  }
  return undefined;
}

function checkSpec(spec: ConstraintSpec, text: string): Checked {
  const { verdict, position } = explain(compileMachine(spec), text);
  if (verdict === "accepted") return { value: text };
  return {
    problem: verdict === "incomplete" ? "it is not complete" : `character ${position + 1} must not stand there`,
  };
}

/** Models like to put JSON into a block of Markdown; that is no reason to ask again. */
function checkJson(schema: Json, text: string): Checked {
  const inner = /^```(?:json)?\s*\n([^]*?)\n?```$/.exec(text)?.[1] ?? text;
  let value: Json;
  try {
    value = JSON.parse(inner) as Json;
  } catch {
    return { problem: "it is not JSON" };
  }
  const validate = validator(schema);
  if (validate(value)) return { value };
  const [first] = validate.errors ?? [];
  return {
    problem: `${first?.instancePath === "" ? "the value" : first?.instancePath} ${first?.message ?? "is not valid"}`,
  };
}

function validator(schema: Json) {
  const known = Object.fromEntries(
    Object.entries(formats).map(([name, source]) => [name, new RegExp(`^(?:${source})$`, "u")]),
  );
  const ajv = new Ajv2020({ strict: false, allErrors: false, formats: known, validateSchema: false });
  try {
    return ajv.compile(schema as Record<string, unknown> | boolean);
  } catch (error) {
    const reason = messageOf(error);
    throw new TillerError("constraint-invalid", `The schema cannot be checked: ${reason}.`, { cause: error });
  }
}

/** In a context of its own, so that an expression that backtracks without end can be stopped. */
function matches(source: string, text: string): boolean {
  try {
    const code = "new RegExp(`^(?:${source})$`, 'u').test(text)";
    return runInNewContext(code, { source, text }, { timeout: REGEX_MS }) === true;
  } catch (error) {
    const reason = messageOf(error);
    throw new TillerError("constraint-invalid", `The regular expression cannot be checked: ${reason}.`, {
      cause: error,
    });
  }
}
