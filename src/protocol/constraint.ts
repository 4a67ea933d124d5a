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
      readonly kind: "sequence";
      /** One after the other. */
      readonly items: readonly ConstraintSpec[];
    };
