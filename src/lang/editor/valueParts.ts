/**
 * Which pieces of a rendered text are values of the input. The prompt is rendered once more with marks around each text of the
 * input; where that changes anything but the marks (a value that is compared, cut or counted), nothing is said.
 */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import type { PreviewPart } from "../../protocol/preview.js";
import { textsOf, unusedSigns } from "../markers.js";

export interface MarkedInput {
  readonly input: JsonObject;
  /** The pieces of a text that was rendered with it. */
  pieces(text: string): readonly Extract<PreviewPart, { kind: "text" | "value" }>[];
  /** The text without marks. */
  plain(text: string): string;
}

/** Longer lists are data, and nobody looks for the origin of each item. */
const MOST_VALUES = 2000;

/** Undefined where there is nothing to mark, or nothing to mark it with. */
export function markInput(input: JsonObject): MarkedInput | undefined {
  const [open, middle, close] = unusedSigns([...textsOf(input)], 3);
  if (open === undefined || middle === undefined || close === undefined) return undefined;
  const names: string[] = [];

  function marked(value: Json, name: string): Json {
    if (typeof value === "string" && value !== "" && names.length < MOST_VALUES)
      return `${open}${names.push(name) - 1}${middle}${value}${close}`;
    if (Array.isArray(value)) return (value as readonly Json[]).map((it, i) => marked(it, `${name}.${i}`));
    return isJsonObject(value) ? markedObject(value, `${name}.`) : value;
  }
  function markedObject(from: JsonObject, before: string): JsonObject {
    return Object.fromEntries(Object.entries(from).map(([key, it]) => [key, marked(it, before + key)]));
  }

  const whole = markedObject(input, "");
  if (names.length === 0) return undefined;
  const mark = new RegExp(`${open}(\\d+)${middle}([^${open}${close}]*)${close}`, "g");
  return {
    input: whole,
    plain: (text) => text.replace(mark, "$2"),
    pieces(text) {
      const found: Extract<PreviewPart, { kind: "text" | "value" }>[] = [];
      let at = 0;
      for (const it of text.matchAll(mark)) {
        if (at < it.index) found.push({ kind: "text", text: text.slice(at, it.index) });
        found.push({ kind: "value", name: names[Number(it[1])]!, text: it[2]!, line: undefined });
        at = it.index + it[0].length;
      }
      return at < text.length ? [...found, { kind: "text", text: text.slice(at) }] : found;
    },
  };
}
