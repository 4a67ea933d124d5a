/** A constraint as data: the engine compiles it to token masks, a remote backend maps it to its server's own mechanism. */

import type { Json } from "../base/json.js";

/** Grows with the constraint engine; a kind that a backend does not know is refused with `constraint-unsupported`. */
export type ConstraintSpec =
  | {
      readonly kind: "choice";
      /** Exactly one of these texts is written. None may be empty; at least one. */
      readonly options: readonly string[];
    }
  | {
      readonly kind: "startsWith";
      /** What is written begins with this; anything may follow. */
      readonly text: string;
    }
  | {
      readonly kind: "regex";
      /** JavaScript's syntax, as far as it is regular; matches the whole text. */
      readonly source: string;
    }
  | {
      readonly kind: "json";
      /** JSON Schema, 2020-12 or 7. What is written is JSON without white space that satisfies it. */
      readonly schema: Json;
      /** One space may follow a colon or a comma. */
      readonly spaces?: boolean;
    }
  | {
      readonly kind: "grammar";
      /** llama.cpp's GBNF, without left recursion; what is written is derived from the rule `root`. */
      readonly gbnf: string;
    }
  | {
      readonly kind: "text";
      readonly limits: TextLimits;
    }
  | {
      readonly kind: "sequence";
      /** One after the other. */
      readonly items: readonly ConstraintSpec[];
    }
  | {
      readonly kind: "either";
      /** One of these, at least one. */
      readonly items: readonly ConstraintSpec[];
    }
  | {
      readonly kind: "all";
      /** All of these at once, at least one; none that nests (`json`, `grammar`, `sequence`, `either`). */
      readonly items: readonly ConstraintSpec[];
      /** Texts of which the first may be written behind it, as its end. It stands nowhere inside. */
      readonly stop?: readonly string[];
    };

/** Both ends are included. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

export interface TextLimits {
  /** Code points. */
  readonly chars?: Bounds;
  /** What stands between white space. */
  readonly words?: Bounds;
  /** Whole sentences: the text ends where one does. */
  readonly sentences?: Bounds;
  readonly startsWith?: string;
  readonly endsWith?: string;
  /** Each of these stands in the text, exactly so. */
  readonly include?: readonly string[];
  /** None of these stands in the text, in whatever case. */
  readonly avoid?: readonly string[];
  /** The text does not begin with a space, a tab or a line end. */
  readonly visibleStart?: boolean;
}

/** What a constraint says of a text: accepted, or where it goes wrong and what could have stood there. */
export interface Explanation {
  /** `incomplete`: everything is allowed so far, and something must follow. */
  readonly verdict: "accepted" | "incomplete" | "rejected";
  /** Characters that were read; behind them stands what is not allowed. */
  readonly position: number;
  /** Ways to go on from there, each as far as there is no choice; a few of them, and `more` says that there are others. */
  readonly expected: readonly string[];
  readonly more: boolean;
  /** The text may also end there. */
  readonly mayEnd: boolean;
  /** A shortest text that completes what was read. */
  readonly completion: string;
}
