/** Schemas as an editor shows them: types in a few words, fields, what stands at a path. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";

/** `integer`, `"a" | "b"`, `list of string`, `object`; `any` where nothing is said. */
export function typeText(schema: JsonObject): string {
  const allowed = schema["enum"];
  if (Array.isArray(allowed))
    return allowed
      .filter((it) => it !== null)
      .map((it) => JSON.stringify(it))
      .join(" | ");
  if (schema["const"] !== undefined) return JSON.stringify(schema["const"]);
  const types = typesOf(schema).filter((it) => it !== "null");
  const { items } = schema;
  if (types.includes("array")) return `list of ${isJsonObject(items) ? typeText(items) : "any"}`;
  return types.length === 0 ? "any" : types.join(" | ");
}

export function descriptionOf({ description }: JsonObject): string | undefined {
  return typeof description === "string" ? description : undefined;
}

export interface Field {
  readonly name: string;
  readonly schema: JsonObject;
  readonly required: boolean;
}

export function fieldsOf(schema: JsonObject | undefined): readonly Field[] {
  const properties = schema?.["properties"];
  if (!isJsonObject(properties)) return [];
  const required = Array.isArray(schema?.["required"]) ? (schema["required"] as readonly Json[]) : [];
  return Object.entries(properties).map(([name, it]) => ({
    name,
    schema: isJsonObject(it) ? it : {},
    required: required.includes(name),
  }));
}

/** The schema of a field of a field; undefined where nothing is known of it. */
export function schemaAt(schema: JsonObject | undefined, path: readonly string[]): JsonObject | undefined {
  return path.reduce<JsonObject | undefined>((at, name) => {
    const field = fieldsOf(at).find((it) => it.name === name);
    if (field !== undefined) return field.schema;
    return /^\d+$/.test(name) ? itemsOf(at) : undefined;
  }, schema);
}

/** What a list holds; what an object with free keys holds. */
export function itemsOf(schema: JsonObject | undefined): JsonObject | undefined {
  const items = schema?.["items"] ?? schema?.["additionalProperties"];
  return isJsonObject(items) ? items : undefined;
}

export function typesOf({ type }: JsonObject): readonly string[] {
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? (type as readonly string[]) : [];
}
