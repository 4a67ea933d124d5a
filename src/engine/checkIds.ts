/** Ids that come from outside are those of the model's vocabulary. */

import { TillerError } from "../base/error.js";

/** Throws `usage` for the first that is none. */
export function checkIds(ids: readonly number[], vocabularySize: number): void {
  const wrong = ids.find((it) => !Number.isInteger(it) || it < 0 || vocabularySize <= it);
  if (wrong === undefined) return;
  throw new TillerError("usage", `${wrong} is not a token of this model: ids go from 0 to ${vocabularySize - 1}.`);
}
