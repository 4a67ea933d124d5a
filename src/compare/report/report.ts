/** What a report is made of. */

import type { CompareResult, Ratings } from "../../protocol/compare.js";

export interface Report {
  readonly result: CompareResult;
  /** Of the votes on its prompt, where there are any. */
  readonly ratings?: Ratings;
}
