/** A hint for a name that was probably mistyped. */

import { nearest } from "../lang/nearest.js";

/** ` Did you mean X?`, with a space before it, or nothing when no candidate is near. */
export function didYouMean(given: string, candidates: readonly string[]): string {
  const best = nearest(given, candidates);
  return best === undefined ? "" : ` Did you mean ${best}?`;
}
