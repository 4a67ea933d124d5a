/** Inputs that are read from files: `{file: people.csv}` in place of a value. Of a picture, the value is its name. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import type { PromptFile } from "../ast.js";
import { inputVariables, withDefaults } from "../inputs.js";
import { readMetadata } from "../metadata.js";
import { isPicture } from "./mediaUrl.js";
import { parseData } from "./parseData.js";

/** `isGiven`: the caller names the file, and not the prompt. A problem is said in words that follow "cannot be read: ". */
export type ReadData = (
  name: string,
  isGiven: boolean,
) => { readonly text: string } | { readonly problem: string } | undefined;

export interface FileInputs {
  /** The input with the files' values in place of their names. */
  readonly input: JsonObject;
  /** In words for the prompt's user. */
  readonly problems: readonly string[];
}

/** Also those that the file's own defaults name. */
export function fileInputs(file: PromptFile, input: JsonObject, read: ReadData): FileInputs {
  const problems: string[] = [];
  const schemas = new Map((inputVariables(file) ?? []).map((it) => [it.name, it.schema]));
  const values = Object.entries(withDefaults(readMetadata(file), input)).flatMap(([name, value]): [string, Json][] => {
    const schema = schemas.get(name) ?? {};
    const path = fileNamed(value, schema);
    if (path === undefined) return [];
    if (isPicture(path)) return [[name, path]]; // for {{media}}, which reads it
    const data = read(path, Object.hasOwn(input, name)) ?? { problem: "there is no such file" };
    const parsed = "problem" in data ? data : parseData(path, data.text, schema);
    if ("value" in parsed) return [[name, parsed.value]];
    problems.push(`"${name}": the file ${path} cannot be read: ${parsed.problem}`);
    return [];
  });
  return { input: { ...input, ...Object.fromEntries(values) }, problems };
}

/** An object of this one key; undefined where the variable is an object that has such a key itself. */
function fileNamed(value: Json, schema: JsonObject): string | undefined {
  if (!isJsonObject(value) || typeof value["file"] !== "string" || Object.keys(value).length !== 1) return undefined;
  const { properties } = schema;
  return isJsonObject(properties) && Object.hasOwn(properties, "file") ? undefined : value["file"];
}
