/** The inputs of a prompt: what it declares, and whether given values fit. */

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import type { PromptFile } from "./ast.js";
import { readMetadata, type Metadata } from "./metadata.js";

export interface InputVariable {
  readonly name: string;
  readonly schema: JsonObject;
  readonly required: boolean;
  readonly default: Json | undefined;
}

/** The declared variables, in the order of the file; undefined when the file declares none. */
export function inputVariables(file: PromptFile): readonly InputVariable[] | undefined {
  const { input } = readMetadata(file);
  const schema = input?.["schema"];
  const defaults = isJsonObject(input?.["default"]) ? input["default"] : {};
  if (!isJsonObject(schema) || !isJsonObject(schema["properties"])) return undefined;
  const required = Array.isArray(schema["required"]) ? (schema["required"] as readonly Json[]) : [];
  return Object.entries(schema["properties"]).map(([name, it]) => ({
    name,
    schema: isJsonObject(it) ? it : {},
    required: required.includes(name) && !Object.hasOwn(defaults, name),
    default: Object.hasOwn(defaults, name) ? defaults[name] : undefined,
  }));
}

/** The names of the variables, when the file's schema allows no others. */
export function closedVariables(file: PromptFile): readonly string[] | undefined {
  const schema = readMetadata(file).input?.["schema"];
  if (!isJsonObject(schema) || schema["additionalProperties"] !== false) return undefined;
  return inputVariables(file)?.map((it) => it.name);
}

/** What the template is given: `input` over the file's defaults. */
export function withDefaults({ input: section }: Metadata, input: JsonObject): JsonObject {
  const defaults = section?.["default"];
  return { ...(isJsonObject(defaults) && defaults), ...input };
}

/** What is wrong with `input` for this file, in words for its user; defaults count as given. */
export function checkInput(file: PromptFile, input: JsonObject): readonly string[] {
  const metadata = readMetadata(file);
  const schema = metadata.input?.["schema"];
  if (!isJsonObject(schema)) return [];
  return problemsOf(withDefaults(metadata, input), schema, "");
}

/** The part of JSON Schema that inputs use. Unknown keywords say nothing here. */
function problemsOf(value: Json, schema: JsonObject, path: string): string[] {
  const where = path === "" ? "the input" : `"${path}"`;
  const types = typesOf(schema);
  if (types !== undefined && !types.some((it) => hasType(value, it))) {
    return [`${where} should be ${types.map(article).join(" or ")}, not ${shown(value)}`];
  }
  const allowed = schema["enum"];
  if (Array.isArray(allowed) && !allowed.some((it) => sameValue(it as Json, value))) {
    return [`${where} should be one of ${allowed.map((it) => JSON.stringify(it)).join(", ")}, not ${shown(value)}`];
  }
  if (Array.isArray(value)) return itemProblems(value as readonly Json[], schema, path);
  return isJsonObject(value) ? fieldProblems(value, schema, path) : [];
}

function itemProblems(items: readonly Json[], schema: JsonObject, path: string): string[] {
  const { items: of } = schema;
  return isJsonObject(of) ? items.flatMap((it, i) => problemsOf(it, of, `${path}[${i}]`)) : [];
}

function fieldProblems(value: JsonObject, schema: JsonObject, path: string): string[] {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? (schema["required"] as readonly string[]) : [];
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  const missing = required.filter((it) => !Object.hasOwn(value, it)).map((it) => `"${at(it)}" is missing`);
  const inner = Object.entries(value).flatMap(([key, it]) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : schema["additionalProperties"];
    if (property === false) return [`"${at(key)}" is not an input of this prompt; it has ${names(properties)}`];
    return isJsonObject(property) ? problemsOf(it, property, at(key)) : [];
  });
  return [...missing, ...inner];
}

function typesOf({ type }: JsonObject): readonly string[] | undefined {
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? (type as readonly string[]) : undefined;
}

function hasType(value: Json, type: string): boolean {
  switch (type) {
    case "array":
      return Array.isArray(value);
    case "object":
      return isJsonObject(value);
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

export function sameValue(a: Json, b: Json): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function article(type: string): string {
  return type === "null" ? "null" : `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

function names(properties: JsonObject): string {
  const all = Object.keys(properties).map((it) => `"${it}"`);
  return all.length === 0 ? "none" : all.join(", ");
}
