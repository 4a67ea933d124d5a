/** A constraint as data: the engine compiles it to token masks, a remote backend maps it to its server's own mechanism. */

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
    };
