/** Are these the variables that the prompt asks for? Answers in words for the person who gave them. */

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";

/**
 * What is wrong with `value`, at most one problem for each place; empty when nothing is. `schema` is JSON Schema, of which
 * types, enums, properties, items, bounds and lengths are looked at: inputs are only read, so the rest does no harm.
 */
export function checkInput(schema: Json | undefined, value: Json, path = ""): string[] {
  if (!isJsonObject(schema)) return [];
  const expected = typesOf(schema);
  const named = path === "" ? "the input" : `"${path}"`;
  if (0 < expected.length && !expected.some((it) => isOfType(value, it))) {
    return [`${named} must be ${expected.map(withArticle).join(" or ")}, and is ${shown(value)}`];
  }
  const options = schema["enum"];
  if (Array.isArray(options) && !options.some((it: Json) => sameJson(it, value))) {
    return [
      `${named} must be one of ${options.map((it: Json) => JSON.stringify(it)).join(", ")}, and is ${shown(value)}`,
    ];
  }
  const bound = brokenBound(schema, value);
  if (bound !== undefined) return [`${named} must ${bound}, and is ${shown(value)}`];
  if (Array.isArray(value)) {
    const items = schema["items"];
    return value.flatMap((it: Json, i) => checkInput(items, it, `${path}[${i}]`));
  }
  return isJsonObject(value) ? checkProperties(schema, value, path) : [];
}

function checkProperties(schema: JsonObject, value: JsonObject, path: string): string[] {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? (schema["required"] as readonly Json[]) : [];
  const rest = schema["additionalProperties"];
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  const missing = required.filter((it): it is string => typeof it === "string" && !Object.hasOwn(value, it));
  return [
    ...missing.map((it) => `"${at(it)}" is missing${described(properties[it])}`),
    ...Object.entries(value).flatMap(([name, it]) => {
      if (Object.hasOwn(properties, name)) return checkInput(properties[name], it, at(name));
      if (rest !== false) return checkInput(rest, it, at(name));
      return [`"${at(name)}" is not known; known are ${Object.keys(properties).join(", ") || "none"}`];
    }),
  ];
}

function brokenBound(schema: JsonObject, value: Json): string | undefined {
  const limit = (name: string) => (typeof schema[name] === "number" ? schema[name] : undefined);
  const [size, least, most, what] =
    typeof value === "number"
      ? [value, limit("minimum"), limit("maximum"), "be"]
      : typeof value === "string"
        ? [[...value].length, limit("minLength"), limit("maxLength"), "have a length of"]
        : Array.isArray(value)
          ? [value.length, limit("minItems"), limit("maxItems"), "have a number of items of"]
          : [0, undefined, undefined, ""];
  if (least !== undefined && size < least) return `${what} ${least} or more`;
  return most !== undefined && most < size ? `${what} ${most} or less` : undefined;
}

function typesOf({ type }: JsonObject): string[] {
  const list: readonly Json[] = Array.isArray(type) ? (type as readonly Json[]) : [type ?? null];
  return list.filter((it) => typeof it === "string");
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "object":
      return isJsonObject(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    default:
      return true; // a type that we do not know forbids nothing
  }
}

function withArticle(type: string): string {
  if (type === "null") return type;
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function described(schema: Json | undefined): string {
  if (!isJsonObject(schema)) return "";
  const types = typesOf(schema).map(withArticle).join(" or ");
  const description = typeof schema["description"] === "string" ? `: ${schema["description"]}` : "";
  return types === "" && description === "" ? "" : ` (${types}${description})`;
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

/** Order of keys does not matter. */
function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((it: Json, i) => sameJson(it, b[i] as Json));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((it) => Object.hasOwn(b, it) && sameJson(a[it]!, b[it]!));
}
