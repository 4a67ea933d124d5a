/** A table of inputs: each line of a `.jsonl`, `.csv` or `.tsv` file is one. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import type { InputRow } from "../../protocol/compare.js";
import { jsonLines } from "../shots/jsonLines.js";
import { parseData } from "./parseData.js";

/** A problem is said in words that follow the file's name and a colon. */
export type InputRows = { readonly rows: readonly InputRow[] } | { readonly problem: string };

/** `schemas`: those of the prompt's variables, by name; they say which cells of a table are numbers or flags. */
export function inputRows(name: string, text: string, schemas: JsonObject): InputRows {
  const read = /\.[ct]sv$/i.test(name) ? tableRows(name, text, schemas) : lineRows(text);
  return "rows" in read && read.rows.length === 0 ? { problem: "it holds no rows" } : read;
}

/** Of a column `reference` the cells say how the output should be, of `name` how the row is called. */
function tableRows(name: string, text: string, schemas: JsonObject): InputRows {
  const parsed = parseData(name, text, { items: { properties: { ...schemas, name: {}, reference: {} } } });
  if ("problem" in parsed) return parsed;
  const rows = parsed.value as readonly JsonObject[];
  return { rows: rows.map(({ name: title, reference, ...values }) => rowOf(values, title, reference)) };
}

/** An object of values on each line, or `{input: values, name?, reference?}`. */
function lineRows(text: string): InputRows {
  const rows: InputRow[] = [];
  for (const it of jsonLines(text)) {
    if ("problem" in it) return { problem: `line ${it.line}: ${it.problem}` };
    if (!isJsonObject(it.value)) return { problem: `line ${it.line}: expected an object of input values` };
    const { input, name, reference } = it.value;
    rows.push(isJsonObject(input) ? rowOf(input, name, reference) : { values: it.value });
  }
  return { rows };
}

function rowOf(values: JsonObject, name: Json | undefined, reference: Json | undefined): InputRow {
  return {
    values,
    ...(typeof name === "string" && name !== "" && { name }),
    ...(typeof reference === "string" && reference !== "" && { reference }),
  };
}
