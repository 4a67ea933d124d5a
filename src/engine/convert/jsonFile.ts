/** The JSON files of a Hugging Face folder, read as data that nobody has checked yet. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { TillerError } from "../../base/error.js";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";

/** Undefined when there is no such file. Throws `model-corrupt` for one that is no JSON object. */
export function readJsonFile(folder: string, name: string): JsonObject | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isJsonObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new TillerError("model-corrupt", `${path} is not a JSON object. Get the file again.`);
}

export function objectAt(value: JsonObject | undefined, key: string): JsonObject | undefined {
  const found = value?.[key];
  return isJsonObject(found) ? found : undefined;
}

export function numberAt(value: JsonObject | undefined, key: string): number | undefined {
  const found = value?.[key];
  return typeof found === "number" ? found : undefined;
}

export function textAt(value: JsonObject | undefined, key: string): string | undefined {
  const found = value?.[key];
  return typeof found === "string" ? found : undefined;
}

export function listAt(value: JsonObject | undefined, key: string): readonly Json[] {
  const found = value?.[key];
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}
