/** A constraint at work: which tokens may come next, and what has been written so far. */

import { TillerError } from "../base/error.js";
import type { ConstraintSpec } from "../protocol/constraint.js";
import { DEAD, type ByteAutomaton } from "./automaton.js";
import { choiceAutomaton } from "./choice.js";
import { startsWithAutomaton } from "./startsWith.js";
import { tokenMask } from "./tokenMask.js";
import type { Vocabulary } from "./vocabulary.js";

/** What one text may be. Masks are kept by state, for as long as this object lives. */
export interface CompiledConstraint {
  begin(): ConstraintState;
}

export interface ConstraintState {
  /** Bits of the tokens that may come next. */
  mask(): Uint32Array;
  /** Takes the bytes of a token that the mask allowed. */
  advance(bytes: Uint8Array): void;
  /** Nothing may follow: the text is complete. */
  isFinished(): boolean;
}

/** Throws `constraint-invalid` for a constraint that nothing satisfies. */
export function compileConstraint(spec: ConstraintSpec, vocabulary: Vocabulary): CompiledConstraint {
  const automaton = automatonOf(spec);
  const masks = new Map<number, Uint32Array>();
  const maskOf = (state: number) => {
    let mask = masks.get(state);
    if (mask === undefined) masks.set(state, (mask = tokenMask(automaton, state, vocabulary)));
    return mask;
  };
  return { begin: () => begin(automaton, maskOf) };
}

function automatonOf(spec: ConstraintSpec): ByteAutomaton {
  switch (spec.kind) {
    case "choice":
      if (spec.options.length === 0) throw new TillerError("constraint-invalid", "A choice needs at least one option.");
      if (spec.options.includes("")) throw new TillerError("constraint-invalid", "An option of a choice is empty.");
      return choiceAutomaton(spec.options);
    case "startsWith":
      return startsWithAutomaton(spec.text);
    default:
      return spec satisfies never;
  }
}

function begin(automaton: ByteAutomaton, maskOf: (state: number) => Uint32Array): ConstraintState {
  let state = automaton.start;
  return {
    mask: () => maskOf(state),
    advance(bytes) {
      for (const byte of bytes) state = automaton.step(state, byte);
      if (state === DEAD) throw new Error("a token that the mask forbids was written");
    },
    isFinished: () => !automaton.continues(state),
  };
}
