/** The text of a data file as the value of an input variable: JSON, lines of JSON, tables, or the text itself. */

import { parse as parseTable } from "csv-parse/sync";

import { messageOf } from "../../base/error.js";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { plainValue } from "../plainValue.js";
import { typesOf } from "../editor/schemaTypes.js";
import { jsonLines } from "../shots/jsonLines.js";

export type ParsedData = { readonly value: Json } | { readonly problem: string };

/** What the endings of files say; a variable that is declared as a text gets the text, whatever the ending is. */
export const dataEndings = [".json", ".jsonl", ".csv", ".tsv", ".txt", ".md"] as const;

/** Larger data is no part of a prompt: a token of English is some four bytes, and contexts end at a few thousand. */
export const MOST_DATA_BYTES = 1 << 20;

/**
 * `schema` is the variable's own. The cells of a table are texts, and numbers or flags where the schema of its items says so;
 * its first line names the columns.
 */
export function parseData(name: string, text: string, schema: JsonObject): ParsedData {
  const types = typesOf(schema);
  const ending = dataEndings.find((it) => name.toLowerCase().endsWith(it)) ?? ".txt";
  const clean = text.replace(/^\uFEFF/, "");
  if (ending === ".txt" || ending === ".md" || (types.length === 1 && types[0] === "string")) return { value: clean };
  switch (ending) {
    case ".json":
      return parseJson(clean);
    case ".jsonl":
      return parseLines(clean);
    case ".csv":
      return parseRows(clean, ",", schema);
    case ".tsv":
      return parseRows(clean, "\t", schema);
    default:
      return ending satisfies never;
  }
}

function parseJson(text: string): ParsedData {
  try {
    const plain = plainValue(JSON.parse(text));
    return plain.ok ? { value: plain.value } : { problem: plain.reason };
  } catch (error) {
    return { problem: `it is not JSON: ${messageOf(error)}` };
  }
}

function parseLines(text: string): ParsedData {
  const values: Json[] = [];
  for (const it of jsonLines(text)) {
    if ("problem" in it) return { problem: `line ${it.line}: ${it.problem}` };
    values.push(it.value);
  }
  return { value: values };
}

function parseRows(text: string, delimiter: string, schema: JsonObject): ParsedData {
  try {
    const rows = parseTable(text, {
      columns: true,
      delimiter,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as Record<string, string>[];
    const { items } = schema;
    const columns = isJsonObject(items) && isJsonObject(items["properties"]) ? items["properties"] : {};
    return { value: rows.map((row) => typedRow(row, columns)) };
  } catch (error) {
    return { problem: `it is no table: ${messageOf(error)}` };
  }
}

function typedRow(row: Readonly<Record<string, string>>, columns: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(row).map(([name, cell]): [string, Json] => {
      const schema = Object.hasOwn(columns, name) ? columns[name] : undefined;
      return [name, typedCell(cell, isJsonObject(schema) ? typesOf(schema) : [])];
    }),
  );
}

/** What cannot be read as its type stays a text, and the check of inputs says what is wrong with it. */
function typedCell(cell: string, types: readonly string[]): Json {
  if (cell === "" && types.includes("null")) return null;
  if (types.includes("integer") || types.includes("number")) {
    const value = cell === "" ? NaN : Number(cell);
    if (Number.isFinite(value)) return value;
  }
  if (types.includes("boolean") && /^(?:true|false)$/i.test(cell)) return cell.toLowerCase() === "true";
  return cell;
}
