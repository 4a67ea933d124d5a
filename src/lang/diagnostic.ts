/** What is wrong with a `.prompt` file. The user's mistakes are data: they are never thrown. */

import type { Span } from "../base/text.js";

export type Severity = "error" | "warning" | "information";

export interface Diagnostic {
  /** The name of the check, such as `unknown-variable`. */
  readonly code: string;
  readonly severity: Severity;
  readonly span: Span;
  /** What was expected, then what was found. */
  readonly message: string;
  readonly notes?: readonly { readonly span: Span; readonly message: string }[];
  /** Where the span is, when not in the file itself: the name of a partial. */
  readonly partial?: string;
}
