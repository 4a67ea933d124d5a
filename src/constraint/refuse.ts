/** How a constraint that cannot be kept is refused: by name, before anything is written. */

import { TillerError } from "../base/error.js";

/** The constraint is well formed, but asks for what cannot be enforced. */
export function unsupported(message: string): TillerError {
  return new TillerError("constraint-unsupported", message);
}

/** The constraint is not well formed, or nothing satisfies it. */
export function invalid(message: string): TillerError {
  return new TillerError("constraint-invalid", message);
}
