// unbounded-constraint: a constraint that lets the model write without end, in a hole without a limit of tokens.

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import type { CheckContext } from "../checkContext.js";
import type { Diagnostic } from "../diagnostic.js";
import { keySpan } from "../frontMatter.js";
import type { HoleSpec } from "../hole.js";
import { holeSpec } from "../holeSpec.js";
import { holeSettings, nowhere, wholeHole } from "../holeSettings.js";
import { holesIn } from "../holes.js";
import { unboundedRegex } from "../../constraint/unbounded.js";
import { expandSchema } from "../picoschema.js";

export function unboundedConstraint({ file, metadata }: CheckContext): Diagnostic[] {
  const { frontMatter, body } = file;
  if (metadata.config?.["maxOutputTokens"] !== undefined) return [];
  const settings = holeSettings(metadata);
  const schema = metadata.output?.["schema"];
  const found: Diagnostic[] = [];
  if (frontMatter !== undefined && schema !== undefined && metadata.output?.["format"] !== "text") {
    const message = messageOf({ constraint: { kind: "json", schema } }, schema);
    if (message !== undefined) found.push(remark(keySpan(frontMatter, ["output", "schema"]), message));
  }
  for (const [name, own] of Object.entries(settings)) {
    if (frontMatter === undefined) continue;
    const { hole } = holeSpec(name, own, nowhere);
    // What stands for the output schema is reported there.
    if (hole.constraint?.kind === "json" && hole.constraint.schema === "$output") continue;
    const message = messageOf(hole, schema);
    const at = ["tiller.gen", name, ...(hole.constraint === undefined ? [] : [hole.constraint.kind])];
    if (message !== undefined) found.push(remark(keySpan(frontMatter, at), message));
  }
  for (const written of holesIn(body.nodes)) {
    const { settings: own, span, keySpans } = written;
    const hole = wholeHole(written, settings);
    const key = hole.constraint?.kind;
    if (key === undefined || own[key] === undefined || own[key] === "$output") continue;
    const message = messageOf(hole, schema);
    if (message !== undefined) found.push(remark(keySpans.get(key) ?? span, message));
  }
  return found;
}

function remark(span: Diagnostic["span"], message: string): Diagnostic {
  return { code: "unbounded-constraint", severity: "information", span, message };
}

function messageOf(
  { constraint, tokens, limits, config }: Pick<HoleSpec, "constraint" | "tokens" | "limits" | "config">,
  outputSchema: Json | undefined,
): string | undefined {
  const isLimited = [limits?.chars, limits?.words, limits?.sentences, tokens].some((it) => it?.max !== undefined);
  if (isLimited || config?.["maxOutputTokens"] !== undefined) return undefined;
  const end = "it ends where the model ends it, or at the limit of tokens";
  if (constraint?.kind === "regex" && unboundedRegex(constraint.source))
    return `the expression repeats without end: ${end}; write {1,20} or the like, or set \`tokens\``;
  if (constraint?.kind !== "json") return undefined;
  const schema = constraint.schema === "$output" ? outputSchema : constraint.schema;
  const places = schema === undefined ? [] : unboundedIn(expandSchema(schema).schema ?? true, "");
  const [first, ...others] = places;
  if (first === undefined) return undefined;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${first}${more}: ${end}; a limit keeps a small model from going on and on`;
}

/** Lists and texts that say of no end, by their places. Only what is written out is looked at. */
function unboundedIn(schema: Json, path: string): readonly string[] {
  if (!isJsonObject(schema)) return [];
  const type = schema["type"];
  const types: readonly Json[] = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const closed = schema["enum"] !== undefined || schema["const"] !== undefined;
  const found: string[] = [];
  const name = path === "" ? "the value" : path;
  if (types.includes("array") && schema["maxItems"] === undefined && schema["items"] !== false && !closed)
    found.push(`${name} has no \`maxItems\``);
  const isText = schema["maxLength"] === undefined && schema["pattern"] === undefined && schema["format"] === undefined;
  if (types.includes("string") && isText && !closed) found.push(`${name} has no \`maxLength\``);
  for (const [key, inner] of Object.entries(objectOf(schema["properties"])))
    found.push(...unboundedIn(inner, path === "" ? key : `${path}.${key}`));
  if (isJsonObject(schema["items"])) found.push(...unboundedIn(schema["items"], `${path}[]`));
  return found;
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
