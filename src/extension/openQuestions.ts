/** What must be asked before a prompt can run, from what it says of its input. Loaded with the first run: it has to parse. */

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import { readMetadata } from "../lang/metadata.js";
import { parse } from "../lang/parser.js";
import type { Question } from "./inputQuestions.js";

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
