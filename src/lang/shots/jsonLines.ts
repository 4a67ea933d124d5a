/** A file of shots: one JSON value on each line. */

import type { Json } from "../../base/json.js";
import { plainValue } from "../plainValue.js";

export type JsonLine =
  { /** From 1. */ readonly line: number; readonly value: Json } | { readonly line: number; readonly problem: string };

/** Blank lines are left out. */
export function jsonLines(text: string): readonly JsonLine[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .flatMap((it, i) => (it.trim() === "" ? [] : [{ line: i + 1, ...valueOf(it) }]));
}

function valueOf(text: string): { readonly value: Json } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: "expected one JSON object on this line" };
  }
  const plain = plainValue(value);
  return plain.ok ? { value: plain.value } : { problem: plain.reason };
}
