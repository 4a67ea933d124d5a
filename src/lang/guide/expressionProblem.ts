/** What is wrong with a regular expression as a constraint. */

import { TillerError } from "../../base/error.js";
import { compileMachine } from "../../constraint/constraint.js";

/** Undefined when it can be kept. */
export function expressionProblem(source: string): string | undefined {
  try {
    compileMachine({ kind: "regex", source });
    return undefined;
  } catch (error) {
    if (error instanceof TillerError) return error.message;
    throw error;
  }
}
