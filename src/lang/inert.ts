/** Values as a template may see them. */

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";

/** Objects without a prototype, so that a template reaches values and nothing else; written out they are JSON. */
export function inert(value: Json | JsonObject | undefined): unknown {
  if (Array.isArray(value)) return (value as readonly Json[]).map(inert);
  if (!isJsonObject(value)) return value;
  const copy = Object.create(written) as Record<string, unknown>;
  for (const [key, it] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: inert(it), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

const written = Object.create(null, {
  toString: {
    value(this: object) {
      return JSON.stringify(this);
    },
  },
}) as object;
