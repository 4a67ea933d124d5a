/** What violates a schema's own keywords, combinators apart: one list of alternatives for each keyword. */

import type { Json } from "../../base/json.js";
import { difference } from "../product.js";
import { anyLanguage } from "../language.js";
import { unsupported } from "../refuse.js";
import {
  anyArray,
  anyNumber,
  anyObject,
  anyString,
  type Alternative,
  type Language,
  type ObjectAlternative,
} from "./alternatives.js";
import type { Demands } from "./demands.js";
import type { Located } from "./documents.js";
import {
  boundsOf,
  countOf,
  keysOf,
  objectAt,
  patternLanguage,
  requiredOf,
  typesOf,
  type KeywordContext,
} from "./keywords.js";
import { fixedPoint, ONE } from "./number.js";

/** Keywords whose violation cannot be described. */
const refused = [
  "format",
  "propertyNames",
  "patternProperties",
  "additionalItems",
  "uniqueItems",
  "unevaluatedProperties",
  "unevaluatedItems",
  "minContains",
  "maxContains",
  "dependencies",
  "dependentSchemas",
  "dependentRequired",
];

export function violations(context: KeywordContext, at: Located): readonly Alternative[] {
  const { demands, documents } = context;
  const schema = objectAt(at);
  const has = (keyword: string) => schema[keyword] !== undefined;
  const refuse = (keyword: string) =>
    unsupported(
      `${at.path}/${keyword}: the opposite of this keyword, which \`not\`, \`if\` or \`oneOf\` asks for, cannot be enforced.`,
    );
  for (const keyword of refused) if (has(keyword) && schema[keyword] !== false) throw refuse(keyword);
  const additional = schema["additionalProperties"];
  if (additional !== undefined && typeof additional !== "boolean") throw refuse("additionalProperties");
  const not = (...keys: (string | number)[]) => demands.one(documents.child(at, ...keys), true);
  const found: Alternative[] = [];

  const types = typesOf(at);
  if (types !== undefined) {
    const whole = types.includes("integer") && !types.includes("number");
    found.push(
      ...context.any
        .filter((it) => !types.includes(it.kind))
        .map((it) => (it.kind === "number" && whole ? { ...it, others: [ONE] } : it)),
    );
  }
  if (has("const")) found.push(...otherThan(context, at, "const", [schema["const"]!]));
  if (has("enum")) found.push(...otherThan(context, at, "enum", schema["enum"] as readonly Json[]));

  const { low, high } = boundsOf(at);
  if (low !== undefined) found.push({ ...anyNumber, high: low - 1n });
  if (high !== undefined) found.push({ ...anyNumber, low: high + 1n });

  const step = schema["multipleOf"];
  if (step !== undefined) {
    const scaled = typeof step === "number" ? fixedPoint(step) : undefined;
    if (scaled === undefined || scaled <= 0n) throw refuse("multipleOf");
    found.push({ ...anyNumber, others: [scaled] });
  }

  const shortest = countOf(at, "minLength");
  const longest = countOf(at, "maxLength");
  if (shortest !== undefined && 0 < shortest) found.push({ ...anyString, max: shortest - 1 });
  if (longest !== undefined) found.push({ ...anyString, min: longest + 1 });
  if (has("pattern")) {
    const language = patternLanguage(context, at, "pattern", schema["pattern"]!);
    found.push({ ...anyString, languages: [opposite(language)] });
  }

  const array = anyArray(demands.anything);
  const fewest = countOf(at, "minItems");
  const most = countOf(at, "maxItems");
  if (fewest !== undefined && 0 < fewest) found.push({ ...array, max: fewest - 1 });
  if (most !== undefined) found.push({ ...array, min: most + 1 });
  if (has("items") || has("prefixItems")) {
    if (has("prefixItems") || Array.isArray(schema["items"])) throw refuse("items");
    if (schema["items"] !== true) found.push({ ...array, contains: [{ item: not("items"), min: 1, max: Infinity }] });
  }
  if (has("contains")) found.push({ ...array, rest: not("contains") });

  for (const name of requiredOf(at)) found.push(withProperty(name, demands.nothing, false));
  for (const name of keysOf(at, "properties")) {
    const value = not("properties", name);
    if (value !== demands.nothing) found.push(withProperty(name, value, true));
  }
  if (additional === false) found.push({ ...anyObject, outside: [new Set(keysOf(at, "properties"))] });
  const smallest = countOf(at, "minProperties");
  const largest = countOf(at, "maxProperties");
  if (smallest !== undefined && 0 < smallest) found.push({ ...anyObject, max: smallest - 1 });
  if (largest !== undefined) found.push({ ...anyObject, min: largest + 1 });
  return found;
}

export function withProperty(name: string, value: Demands, required: boolean): ObjectAlternative {
  return {
    ...anyObject,
    groups: [{ properties: new Map([[name, value]]), patterns: [], additional: undefined, evaluates: false }],
    required: new Set(required ? [name] : []),
  };
}

function opposite({ key, automaton }: Language): Language {
  return { key: `not ${key}`, automaton: difference(anyLanguage, [automaton]) };
}

function otherThan(context: KeywordContext, at: Located, keyword: string, values: readonly Json[]): Alternative[] {
  if (values.some((it) => typeof it === "object" && it !== null))
    throw unsupported(`${at.path}/${keyword}: that a value is not one of several objects or lists cannot be enforced.`);
  const numbers = values.flatMap((it) => (typeof it === "number" ? [fixedPoint(it) ?? 0n] : []));
  const booleans = [false, true].filter((it) => !values.includes(it));
  return context.any.flatMap((it): Alternative[] => {
    if (it.kind === "null") return values.includes(null) ? [] : [it];
    if (it.kind === "boolean") return booleans.length === 0 ? [] : [{ kind: "boolean", values: booleans }];
    if (it.kind === "number") return [{ ...it, excluded: numbers }];
    if (it.kind === "string") return [{ ...it, excluded: values.filter((v): v is string => typeof v === "string") }];
    return [it];
  });
}
