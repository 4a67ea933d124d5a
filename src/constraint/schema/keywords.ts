/** One schema's own keywords, combinators apart: what each of them says of values of its type. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { lengthLanguage, regexLanguage } from "../language.js";
import { literalSet } from "../literals.js";
import { invalid, unsupported } from "../refuse.js";
import {
  anyArray,
  anyNumber,
  anyObject,
  anyString,
  type Alternative,
  type ArrayAlternative,
  type Language,
  type NumberAlternative,
  type ObjectAlternative,
  type PropertyGroup,
  type StringAlternative,
} from "./alternatives.js";
import type { Demands, DemandTable } from "./demands.js";
import type { Documents, Located } from "./documents.js";
import { formats, refusedFormats } from "./formats.js";
import { fixedPoint, ONE } from "./number.js";

export interface KeywordContext {
  readonly documents: Documents;
  readonly demands: DemandTable;
  /** Every value. */
  readonly any: readonly Alternative[];
  /** Expressions that were compiled, by their sources. */
  readonly languages: Map<string, Language>;
}

/** More entries than this in a number of repetitions are not enforced one by one. */
const LARGEST_COUNT = 1e6;

/** Every value of JSON, as alternatives. */
export function anyValue(anything: Demands): readonly Alternative[] {
  return [
    { kind: "null" },
    { kind: "boolean", values: [false, true] },
    anyNumber,
    anyString,
    anyArray(anything),
    anyObject,
  ];
}

export function malformed(at: Located, keyword: string, expected: string): Error {
  const value = isJsonObject(at.schema) ? at.schema[keyword] : undefined;
  return invalid(`${at.path}/${keyword}: expected ${expected}, found ${JSON.stringify(value)}.`);
}

export function objectAt(at: Located): JsonObject {
  if (!isJsonObject(at.schema)) throw invalid(`${at.path}: expected a schema, found ${JSON.stringify(at.schema)}.`);
  return at.schema;
}

export function countOf(at: Located, keyword: string): number | undefined {
  const value = objectAt(at)[keyword];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
    throw malformed(at, keyword, "a whole number from 0 on");
  return value;
}

/** Alternatives of the types that `type` names. */
export function typedAlternatives(context: KeywordContext, at: Located): readonly Alternative[] {
  const types = typesOf(at);
  const all = context.any;
  if (types === undefined) return all;
  const whole = types.includes("integer") && !types.includes("number");
  return all
    .filter((it) => types.includes(it.kind) || (it.kind === "number" && whole))
    .map((it) => (it.kind === "number" && whole ? { ...it, multiples: [ONE] } : it));
}

export function typesOf(at: Located): readonly string[] | undefined {
  const { type } = objectAt(at);
  if (type === undefined) return undefined;
  const types = Array.isArray(type) ? (type as readonly Json[]) : [type];
  const known = ["null", "boolean", "number", "integer", "string", "array", "object"];
  if (!types.every((it): it is string => typeof it === "string" && known.includes(it)))
    throw malformed(at, "type", `one of ${known.join(", ")}`);
  return types;
}

const keywordsOf: Readonly<Record<string, readonly string[]>> = {
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  string: ["minLength", "maxLength", "pattern", "format"],
  array: [
    "items",
    "prefixItems",
    "additionalItems",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
  ],
  object: [
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
  ],
};

/** What the keywords for one kind of value say; undefined when they contradict each other. */
export function withKeywords(context: KeywordContext, at: Located, it: Alternative): Alternative | undefined {
  const schema = objectAt(at);
  if (!(keywordsOf[it.kind] ?? []).some((keyword) => schema[keyword] !== undefined)) return it;
  switch (it.kind) {
    case "number":
      return numberKeywords(at, it);
    case "string":
      return stringKeywords(context, at, it);
    case "array":
      return arrayKeywords(context, at, it);
    case "object":
      return objectKeywords(context, at, it);
    default:
      return it;
  }
}

export interface Bounds {
  readonly low?: bigint;
  readonly high?: bigint;
}

export function boundsOf(at: Located): Bounds {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = objectAt(at);
  const number = (keyword: string, value: Json | undefined) =>
    value === undefined ? undefined : decimal(at, keyword, value);
  let low = number("minimum", minimum);
  let high = number("maximum", maximum);
  // Draft 4 says with `true` that the bound itself is excluded.
  if (exclusiveMinimum === true && low !== undefined) low += 1n;
  if (exclusiveMaximum === true && high !== undefined) high -= 1n;
  if (typeof exclusiveMinimum !== "boolean") {
    const above = number("exclusiveMinimum", exclusiveMinimum);
    if (above !== undefined && (low === undefined || low <= above)) low = above + 1n;
  }
  if (typeof exclusiveMaximum !== "boolean") {
    const below = number("exclusiveMaximum", exclusiveMaximum);
    if (below !== undefined && (high === undefined || below <= high)) high = below - 1n;
  }
  return { ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
}

function decimal(at: Located, keyword: string, value: Json): bigint {
  if (typeof value !== "number") throw malformed(at, keyword, "a number");
  const found = fixedPoint(value);
  if (found === undefined) throw unsupported(`${at.path}/${keyword}: ${value} needs more than 20 decimals.`);
  return found;
}

function numberKeywords(at: Located, it: NumberAlternative): Alternative | undefined {
  const { low, high } = boundsOf(at);
  const { multipleOf } = objectAt(at);
  if (low !== undefined && high !== undefined && high < low) return undefined;
  const step = multipleOf === undefined ? undefined : decimal(at, "multipleOf", multipleOf);
  if (step !== undefined && step <= 0n) throw malformed(at, "multipleOf", "a number above 0");
  return { ...it, low, high, multiples: step === undefined ? it.multiples : [...it.multiples, step] };
}

function stringKeywords(context: KeywordContext, at: Located, it: StringAlternative): Alternative | undefined {
  const { pattern, format } = objectAt(at);
  const min = countOf(at, "minLength") ?? 0;
  const max = countOf(at, "maxLength") ?? Infinity;
  const languages: Language[] = [];
  if (pattern !== undefined) languages.push(patternLanguage(context, at, "pattern", pattern));
  const formatted = formatLanguage(context, at, format);
  if (formatted !== undefined) languages.push(formatted);
  return max < min ? undefined : { ...it, min, max, languages };
}

export function patternLanguage(context: KeywordContext, at: Located, keyword: string, pattern: Json): Language {
  if (typeof pattern !== "string") throw malformed(at, keyword, "a regular expression");
  return named(context, at, `pattern ${pattern}`, () => regexLanguage(pattern, { whole: false }));
}

function formatLanguage(context: KeywordContext, at: Located, format: Json | undefined): Language | undefined {
  if (typeof format !== "string") return undefined;
  if (refusedFormats.includes(format))
    throw unsupported(`${at.path}/format: texts of the format "${format}" cannot be enforced. Use \`pattern\`.`);
  const source = Object.hasOwn(formats, format) ? formats[format] : undefined;
  // A format that the standard does not know is a remark to people.
  return source === undefined
    ? undefined
    : named(context, at, `format ${format}`, () => regexLanguage(source, { whole: true }));
}

function named({ languages }: KeywordContext, at: Located, key: string, make: () => Language["automaton"]): Language {
  let found = languages.get(key);
  if (found === undefined) {
    try {
      found = { key, automaton: make() };
    } catch (error) {
      if (error instanceof Error) error.message = `${at.path}: ${error.message}`;
      throw error;
    }
    languages.set(key, found);
  }
  return found;
}

function arrayKeywords(
  { documents, demands }: KeywordContext,
  at: Located,
  it: ArrayAlternative,
): Alternative | undefined {
  const schema = objectAt(at);
  const tuple =
    schema["prefixItems"] !== undefined ? "prefixItems" : Array.isArray(schema["items"]) ? "items" : undefined;
  const rest = tuple === "items" ? "additionalItems" : "items";
  const list = tuple === undefined ? [] : schema[tuple];
  if (!Array.isArray(list)) throw malformed(at, tuple!, "a list of schemas");
  const prefix = list.map((_, i) => demands.one(documents.child(at, tuple!, i)));
  const min = countOf(at, "minItems") ?? 0;
  const max = countOf(at, "maxItems") ?? Infinity;
  const contains =
    schema["contains"] === undefined
      ? []
      : [
          {
            item: demands.one(documents.child(at, "contains")),
            min: countOf(at, "minContains") ?? 1,
            max: countOf(at, "maxContains") ?? Infinity,
          },
        ];
  if (max < min) return undefined;
  if (LARGEST_COUNT < min) throw unsupported(`${at.path}/minItems: ${min} items are too many to write.`);
  return {
    ...it,
    prefix,
    rest: schema[rest] === undefined ? demands.anything : demands.one(documents.child(at, rest)),
    min,
    max,
    contains: contains.filter((it) => 0 < it.min || it.max < Infinity),
    unique: schema["uniqueItems"] === true,
  };
}

function objectKeywords(context: KeywordContext, at: Located, it: ObjectAlternative): Alternative | undefined {
  const { documents, demands } = context;
  const schema = objectAt(at);
  const properties = new Map(
    keysOf(at, "properties").map((key) => [key, demands.one(documents.child(at, "properties", key))]),
  );
  const patterns = keysOf(at, "patternProperties").map((key) => ({
    language: patternLanguage(context, at, "patternProperties", key),
    value: demands.one(documents.child(at, "patternProperties", key)),
  }));
  const additional =
    schema["additionalProperties"] === undefined ? undefined : demands.one(documents.child(at, "additionalProperties"));
  const said = 0 < properties.size + patterns.length || additional !== undefined;
  const group: PropertyGroup = { properties, patterns, additional, evaluates: true };
  const min = countOf(at, "minProperties") ?? 0;
  const max = countOf(at, "maxProperties") ?? Infinity;
  const required = new Set(requiredOf(at));
  if (max < min || max < required.size) return undefined;
  if (LARGEST_COUNT < min) throw unsupported(`${at.path}/minProperties: ${min} properties are too many to write.`);
  return { ...it, groups: said ? [group] : [], names: nameLanguages(context, at), required, min, max };
}

export function keysOf(at: Located, keyword: string): readonly string[] {
  const value = objectAt(at)[keyword];
  if (value === undefined) return [];
  if (!isJsonObject(value)) throw malformed(at, keyword, "schemas by their names");
  return Object.keys(value);
}

export function requiredOf(at: Located): readonly string[] {
  const { required } = objectAt(at);
  // Draft 3 marked single properties with `required: true`.
  if (required === undefined || typeof required === "boolean") return [];
  if (!Array.isArray(required) || !required.every((it): it is string => typeof it === "string"))
    throw malformed(at, "required", "a list of names");
  return required;
}

/** `propertyNames`: only what says something of strings, and nothing of how they are combined. */
function nameLanguages(context: KeywordContext, at: Located): Language[] {
  const { propertyNames } = objectAt(at);
  if (propertyNames === undefined || propertyNames === true) return [];
  const names = context.documents.child(at, "propertyNames");
  if (propertyNames === false) return [namedTexts(context, [])];
  const schema = objectAt(names);
  const known = [
    "type",
    "pattern",
    "minLength",
    "maxLength",
    "format",
    "enum",
    "const",
    "description",
    "title",
    "$comment",
  ];
  const other = Object.keys(schema).find((it) => !known.includes(it));
  if (other !== undefined) throw unsupported(`${names.path}/${other}: cannot be enforced on names of properties.`);
  const types = typesOf(names);
  if (types !== undefined && !types.includes("string")) return [namedTexts(context, [])];
  const alternative = stringKeywords(context, names, anyString);
  if (alternative === undefined || alternative.kind !== "string") return [namedTexts(context, [])];
  const found = [...alternative.languages];
  if (0 < alternative.min || alternative.max < Infinity)
    found.push(namedLength(context, alternative.min, alternative.max));
  const listed = schema["enum"] ?? (schema["const"] === undefined ? undefined : [schema["const"]]);
  if (Array.isArray(listed))
    found.push(
      namedTexts(
        context,
        listed.filter((it): it is string => typeof it === "string"),
      ),
    );
  return found;
}

function namedTexts(context: KeywordContext, texts: readonly string[]): Language {
  const key = `texts ${JSON.stringify(texts)}`;
  return remembered(context, key, () => literalSet(texts));
}

function namedLength(context: KeywordContext, min: number, max: number): Language {
  return remembered(context, `length ${min} ${max}`, () => lengthLanguage(min, max));
}

function remembered({ languages }: KeywordContext, key: string, make: () => Language["automaton"]): Language {
  let found = languages.get(key);
  if (found === undefined) languages.set(key, (found = { key, automaton: make() }));
  return found;
}
