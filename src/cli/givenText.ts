/** Values that an option gives itself (`--input '{...}'`) or by a file (`--input @file`, `@-` for standard input). */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { messageOf, TillerError } from "../base/error.js";
import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import { readText, decodeText } from "../runner/textFile.js";
import type { Terminal } from "./terminal.js";

/** The text of a file; `-` is standard input. */
export async function textOf(terminal: Terminal, path: string): Promise<string> {
  if (path === "-") return decodeText(await terminal.readStdin(), "standard input");
  return readText(resolve(terminal.cwd, path), (it) => readFileSync(it));
}

export async function jsonOf(terminal: Terminal, option: string, given: string): Promise<Json> {
  const named = given.startsWith("@");
  const text = named ? await textOf(terminal, given.slice(1)) : given;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const where = named ? `The file given with ${option} (${given.slice(1)})` : `The value of ${option}`;
    const reason = messageOf(error);
    throw new TillerError("input-invalid", `${where} is not JSON: ${reason}.`, { cause: error });
  }
}

/** The input variables of a prompt: always an object. */
export async function inputOf(terminal: Terminal, given: string | undefined): Promise<JsonObject> {
  if (given === undefined) return {};
  const value = await jsonOf(terminal, "--input", given);
  if (isJsonObject(value)) return value;
  const found = Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`;
  throw new TillerError("input-invalid", `--input is an object of variables such as {"name": "Ada"}, not ${found}.`);
}
