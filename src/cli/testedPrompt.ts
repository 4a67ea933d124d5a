/** What the tests of one prompt found. */

import type { TestReport } from "../protocol/test.js";

export type TestedPrompt =
  | { readonly name: string; readonly report: TestReport; readonly problem?: undefined }
  /** Nothing could be tested. */
  | { readonly name: string; readonly report?: undefined; readonly problem: string };
