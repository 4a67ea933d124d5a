/** A hole: a place that the model fills, with what it may write there (DESIGN section 2, Holes). */

import type { Json } from "../base/json.js";
import type { Span } from "../base/text.js";

export interface HoleSpec {
  readonly name: string;
  /** At most one of choice, regex, json, int, number, grammar, text. Undefined: free text. */
  readonly constraint?: HoleConstraint;
  readonly stop?: readonly string[];
  readonly tokens?: { readonly min?: number; readonly max?: number };
  /** Sampling overrides by their names in the file (`temperature`, `topK`, ...). */
  readonly config?: Readonly<Record<string, Json>>;
  readonly hidden?: boolean;
  /** Everything else that was said of the hole, by key: what the runner cannot do yet it refuses by name. */
  readonly other?: Readonly<Record<string, Json>>;
  /** Where the hole stands in the body, for messages. */
  readonly span: Span;
}

export type HoleConstraint =
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "regex"; readonly source: string }
  | { readonly kind: "json"; readonly schema: Json }
  | { readonly kind: "int" | "number"; readonly options: Json }
  | { readonly kind: "grammar"; readonly gbnf: string }
  | { readonly kind: "text" };
