/** Questions for what a prompt needs, and how their answers are read. */

import { isJsonObject, type Json } from "../base/json.js";

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
