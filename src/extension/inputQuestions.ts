/** What must be asked before a prompt can run, from what it says of its input, and how answers are read. */

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import { readMetadata } from "../lang/metadata.js";
import { parse } from "../lang/parser.js";

export interface Question {
  /** The input variable. */
  readonly name: string;
  readonly description?: string;
  readonly answer:
    | { readonly kind: "text" }
    | { readonly kind: "number" }
    | { readonly kind: "integer" }
    | { readonly kind: "choice"; readonly options: readonly Json[] }
    /** Anything else is typed as JSON: an array, an object. */
    | { readonly kind: "json"; readonly type: string };
}

export type Answer = { readonly value: Json } | { readonly error: string };

/** The variables that a prompt requires and has no default for, in their order. `text` is the whole file. */
export function openQuestions(text: string): Question[] {
  const { schema, default: defaults } = readMetadata(parse(text).file).input ?? {};
  if (!isJsonObject(schema)) return [];
  const { properties, required } = schema;
  if (!isJsonObject(properties) || !Array.isArray(required)) return [];
  const given = isJsonObject(defaults) ? defaults : {};
  return Object.entries(properties)
    .filter(([name]) => required.includes(name) && !Object.hasOwn(given, name))
    .map(([name, property]) => toQuestion(name, isJsonObject(property) ? property : {}));
}

/** Reads what was typed; `error` says what was expected. */
export function readAnswer({ answer }: Question, text: string): Answer {
  switch (answer.kind) {
    case "text":
      return { value: text };
    case "number":
    case "integer": {
      const value = text.trim() === "" ? NaN : Number(text);
      if (answer.kind === "integer") {
        return Number.isInteger(value) ? { value } : { error: "Type a whole number, such as 3." };
      }
      return Number.isFinite(value) ? { value } : { error: "Type a number, such as 3 or 0.5." };
    }
    case "choice": {
      const option = answer.options.find((it) => optionText(it) === text);
      return option === undefined ? { error: "Choose one of the values." } : { value: option };
    }
    case "json":
      return readJson(text, answer.type);
    default:
      return answer satisfies never;
  }
}

export function optionText(option: Json): string {
  return typeof option === "string" ? option : JSON.stringify(option);
}

function toQuestion(name: string, property: JsonObject): Question {
  const description = property["description"];
  const answer = answerOf(property);
  return typeof description === "string" ? { name, description, answer } : { name, answer };
}

function answerOf(property: JsonObject): Question["answer"] {
  const options = property["enum"];
  if (Array.isArray(options)) return { kind: "choice", options };
  const types = ([] as Json[]).concat(property["type"] ?? []).filter((it) => it !== "null");
  const type = types.length === 1 ? types[0] : undefined;
  if (type === "boolean") return { kind: "choice", options: [true, false] };
  if (type === "number" || type === "integer") return { kind: type };
  if (type === "array" || type === "object") return { kind: "json", type };
  return { kind: "text" };
}

function readJson(text: string, type: string): Answer {
  const example = type === "array" ? '["a", "b"]' : '{"name": "value"}';
  try {
    const value = JSON.parse(text) as Json;
    const fits = type === "array" ? Array.isArray(value) : isJsonObject(value);
    return fits ? { value } : { error: `Type a JSON ${type}, such as ${example}.` };
  } catch {
    return { error: `Type JSON, such as ${example}.` };
  }
}
