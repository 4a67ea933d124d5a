/** A hole: a place that the model fills, with what it may write there (DESIGN section 2, Holes). */

import type { Json } from "../base/json.js";
import type { Span } from "../base/text.js";
import type { TextLimits } from "../protocol/constraint.js";

export interface HoleSpec {
  readonly name: string;
  /** At most one of choice, regex, json, int, number, grammar, text. Undefined: free text. */
  readonly constraint?: HoleConstraint;
  /** Texts before the first of which writing ends; `stopBefore` of the file is the same. */
  readonly stop?: readonly string[];
  readonly tokens?: { readonly min?: number; readonly max?: number };
  /** Sampling overrides by their names in the file (`temperature`, `topK`, ...). */
  readonly config?: Readonly<Record<string, Json>>;
  readonly hidden?: boolean;
  /** What the text must be like besides. */
  readonly limits?: Omit<TextLimits, "visibleStart">;
  /** With a choice: how probable each option is. */
  readonly scores?: boolean;
  /** How constraint and limits are kept; default `hard`. */
  readonly level?: "hard" | "check" | "prefer";
  /** What is done when a text fails its check. */
  readonly onFail?: OnFail;
  /** Everything that was said of the hole and has no meaning, by key: a run refuses it by name. */
  readonly other?: Readonly<Record<string, Json>>;
  /** Where the hole stands in the body, for messages. */
  readonly span: Span;
}

export interface OnFail {
  /** How often it is written anew, with other seeds; default 2. */
  readonly retry: number;
  /** What becomes of the run when no text was good: an error (the default), or the last text is kept. */
  readonly then: "fail" | "keep";
}

export type HoleConstraint =
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "regex"; readonly source: string }
  | { readonly kind: "json"; readonly schema: Json }
  | { readonly kind: "int" | "number"; readonly options: Json }
  | { readonly kind: "grammar"; readonly gbnf: string }
  | { readonly kind: "text" };
