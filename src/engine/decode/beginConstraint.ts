/** A request's constraint, from where its text begins. */

import { TillerError } from "../../base/error.js";
import type { ConstraintState } from "../../constraint/constraint.js";
import type { ConstraintSpec } from "../../protocol/constraint.js";
import type { GenerateRequest } from "../../protocol/engine.js";
import type { LoadedModel } from "../loadedModel.js";
import type { Sampler } from "../sampling/chain.js";
import { constrain, type Constrained } from "./constrained.js";
import { healedConstraint, type Healing } from "./healing.js";
import { preferring } from "./preferring.js";

export interface Beginning {
  readonly sampler: Sampler;
  readonly limit: number;
  readonly healing: Healing;
  /** What is written again first. */
  readonly again: string;
}

/** Throws `constraint-invalid` and `constraint-unsupported`. */
export function beginConstraint(
  model: LoadedModel,
  { constraint, prefer, written = "" }: GenerateRequest,
  { again, ...beginning }: Beginning,
): Constrained {
  const start = performance.now();
  const state = begin(model, constraint!, { again, written });
  const options = { state, compileMs: performance.now() - start, tokenizer: model.tokenizer, ...beginning };
  return prefer === undefined ? constrain(options) : preferring(options, prefer);
}

/** What is written again stands before the constraint's text, or is the end of what was `written` of it. */
function begin(
  model: LoadedModel,
  constraint: ConstraintSpec,
  { again, written }: { readonly again: string; readonly written: string },
): ConstraintState {
  const isInside = again.length <= written.length;
  const before = isInside ? "" : again.slice(0, again.length - written.length);
  const state = model.constraint(healedConstraint(before, constraint)).begin();
  const read = new TextEncoder().encode(isInside ? written.slice(0, written.length - again.length) : "");
  if (!state.takes(read))
    throw new TillerError("constraint-invalid", "What stands there already breaks the constraint.");
  state.advance(read);
  return state;
}
