/** Picoschema, Dotprompt's short way to write a JSON Schema (https://google.github.io/dotprompt/reference/picoschema/). */

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";

export interface SchemaProblem {
  /** Where in the schema, as keys from its root. */
  readonly path: readonly string[];
  readonly message: string;
}

export interface ExpandedSchema {
  readonly schema: JsonObject;
  readonly problems: readonly SchemaProblem[];
}

export type NamedSchemas = Readonly<Record<string, JsonObject>>;

const scalars = ["string", "boolean", "null", "number", "integer", "any"];
const schemaTypes = [...scalars, "object", "array"];

/** Expands `source`; what is JSON Schema already stays as it is. Problems leave `{}` (anything) in their place. */
export function expandSchema(source: Json, named: NamedSchemas = {}): ExpandedSchema {
  const problems: SchemaProblem[] = [];
  return { schema: expandRoot(source), problems };

  function expandRoot(root: Json): JsonObject {
    if (typeof root === "string") return expandType(root, []);
    if (!isJsonObject(root)) return problem([], `expected a schema, found ${describe(root)}`);
    if (typeof root["type"] === "string" && schemaTypes.includes(root["type"])) return root;
    if (Array.isArray(root["type"]) || root["$ref"] !== undefined) return root;
    if (isJsonObject(root["properties"])) return { ...root, type: "object" };
    return expandObject(root, []);
  }

  function expandType(text: string, path: readonly string[]): JsonObject {
    const [type, description] = splitDescription(text);
    const extra = description === undefined ? {} : { description };
    if (type === "any") return extra;
    if (scalars.includes(type)) return { type, ...extra };
    if (Object.hasOwn(named, type)) return { ...named[type], ...extra };
    return problem(path, `expected one of ${scalars.join(", ")} or the name of a schema, found "${type}"`);
  }

  function expandObject(source: JsonObject, path: readonly string[]): JsonObject {
    const properties: Record<string, Json> = {};
    const required: string[] = [];
    let additionalProperties: Json = false;
    for (const [key, value] of Object.entries(source)) {
      const [head, hint] = splitHint(key);
      if (head === "(*)") {
        additionalProperties = expandProperty(value, undefined, [...path, key]);
        continue;
      }
      const name = head.endsWith("?") ? head.slice(0, -1) : head;
      const schema = expandProperty(value, hint, [...path, key]);
      if (name === head) required.push(name);
      Object.defineProperty(properties, name, {
        value: name === head ? schema : withNull(schema),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return { type: "object", properties, ...(0 < required.length && { required }), additionalProperties };
  }

  /** `hint` is what stands in parentheses after a name: `array`, `object` or `enum`, and a description. */
  function expandProperty(value: Json, hint: string | undefined, path: readonly string[]): JsonObject {
    if (hint === undefined) {
      if (typeof value === "string") return expandType(value, path);
      if (isJsonObject(value)) return expandObject(value, path);
      return problem(path, `expected a type such as "string", found ${describe(value)}`);
    }
    const [kind, description] = splitDescription(hint);
    const extra = description === undefined ? {} : { description };
    switch (kind) {
      case "array":
        return { type: "array", ...extra, items: expandProperty(value, undefined, path) };
      case "object":
        if (!isJsonObject(value)) return problem(path, `expected the fields of an object, found ${describe(value)}`);
        return { ...expandObject(value, path), ...extra };
      case "enum":
        if (!Array.isArray(value))
          return problem(path, `expected the list of values of an enum, found ${describe(value)}`);
        return { enum: value, ...extra };
      default:
        return problem(path, `expected "array", "object" or "enum" in parentheses, found "${kind}"`);
    }
  }

  function problem(path: readonly string[], message: string): JsonObject {
    problems.push({ path, message });
    return {};
  }
}

/** An optional field may also be null, as the reference has it. */
function withNull(schema: JsonObject): JsonObject {
  if (Array.isArray(schema["enum"])) {
    const values: readonly Json[] = schema["enum"];
    return values.includes(null) ? schema : { ...schema, enum: [...values, null] };
  }
  const { type } = schema;
  if (typeof type === "string" && type !== "null") return { ...schema, type: [type, "null"] };
  return schema;
}

function splitDescription(text: string): readonly [type: string, description: string | undefined] {
  const comma = text.indexOf(",");
  if (comma < 0) return [text.trim(), undefined];
  return [text.slice(0, comma).trim(), text.slice(comma + 1).trim()];
}

function splitHint(key: string): readonly [name: string, hint: string | undefined] {
  if (key === "(*)" || key.startsWith("(*)")) return ["(*)", undefined];
  const open = key.indexOf("(");
  if (open < 0 || !key.endsWith(")")) return [key.trim(), undefined];
  return [key.slice(0, open).trim(), key.slice(open + 1, -1)];
}

function describe(value: Json): string {
  if (value === null) return "nothing";
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "keys and values" : `${JSON.stringify(value)}`;
}
