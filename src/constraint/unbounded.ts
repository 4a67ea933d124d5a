/** Whether an expression lets a text go on without end. */

import { TillerError } from "../base/error.js";
import { parseRegex } from "./regex/parse.js";
import type { Regex } from "./regex/syntax.js";

/** False also for what is not valid: that is reported elsewhere. */
export function unboundedRegex(source: string): boolean {
  try {
    return isUnbounded(parseRegex(source).body);
  } catch (error) {
    if (error instanceof TillerError) return false;
    throw error;
  }
}

function isUnbounded(regex: Regex): boolean {
  switch (regex.kind) {
    case "repeat":
      return regex.max === Infinity || isUnbounded(regex.item);
    case "sequence":
    case "either":
      return regex.items.some(isUnbounded);
    default:
      return false;
  }
}
