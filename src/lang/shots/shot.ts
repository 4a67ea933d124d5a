/** A few-shot example, and how it reads as text. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";

export interface Shot {
  /** Its place in the list or the file, from 0. */
  readonly index: number;
  /** Values of the prompt's variables, or a plain text. */
  readonly input: string | JsonObject;
  readonly output: Json;
  readonly tags: readonly string[];
  /** Values that the input of a run must have for this shot to be used. */
  readonly when: JsonObject;
}

/** What the user says in a turn of this shot: the only text that there is, or a line for each variable. */
export function inputText(input: Shot["input"]): string {
  if (typeof input === "string") return input;
  const entries = Object.entries(input);
  const [only] = entries;
  if (entries.length === 1 && typeof only![1] === "string") return only![1];
  return entries.map(([name, value]) => `${name}: ${plainText(value)}`).join("\n");
}

/** What the model says: a text as it is, anything else as compact JSON. */
export function outputText(output: Json): string {
  return plainText(output);
}

/** The texts of all values, without the names: what shots are compared by. */
export function valuesText(input: Json): string {
  if (Array.isArray(input)) return (input as readonly Json[]).map(valuesText).join(" ");
  return isJsonObject(input) ? Object.values(input).map(valuesText).join(" ") : plainText(input);
}

function plainText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
