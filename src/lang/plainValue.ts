/** What YAML read, as JSON. YAML can say more: values that hold themselves, dates, sets. The rest of the language must not meet them. */

import type { Json } from "../base/json.js";

/** Deeper than any front matter is, and shallow enough for everybody who walks through it. */
export const DEEPEST_VALUE = 100;

export type PlainValue =
  | { readonly ok: true; readonly value: Json }
  /** Why it is not JSON, to follow "the front matter is not valid YAML: ". */
  | { readonly ok: false; readonly reason: string };

export function plainValue(value: unknown): PlainValue {
  try {
    return { ok: true, value: toJson(value, []) };
  } catch (error) {
    if (error instanceof NotPlain) return { ok: false, reason: error.message };
    throw error;
  }
}

class NotPlain extends Error {}

function toJson(value: unknown, around: readonly object[]): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "object") throw new NotPlain(`expected plain values, found a ${typeof value}`);
  if (around.includes(value)) throw new NotPlain("expected values that end, found one that holds itself");
  if (DEEPEST_VALUE <= around.length) throw new NotPlain("it nests too deeply");
  const inside = [...around, value];
  if (Array.isArray(value)) return value.map((it) => toJson(it, inside));
  if (Object.getPrototypeOf(value) !== Object.prototype)
    throw new NotPlain(`expected plain values, found a ${value.constructor.name.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, toJson(it, inside)]));
}
