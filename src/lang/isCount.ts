/** A whole number that counts something. */

import type { Json } from "../base/json.js";

export function isCount(value: Json | undefined, least = 0): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && least <= value;
}
