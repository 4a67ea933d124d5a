/** A text walked through a constraint with a model's tokens: what was allowed at each, and what that cost. */

import { compileMachine } from "../../constraint/constraint.js";
import { explain } from "../../constraint/explain.js";
import type { ConstrainedToken, ConstrainRequest, ConstrainResult } from "../../protocol/engine.js";
import type { LoadedModel } from "../loadedModel.js";
import { isIn } from "./constrained.js";
import { tokenText } from "./tokenText.js";

/** Throws `constraint-invalid` and `constraint-unsupported`. */
export function walkConstraint(
  model: LoadedModel,
  { constraint, text }: Omit<ConstrainRequest, "model">,
): ConstrainResult {
  const { tokenizer } = model;
  model.vocabulary(); // belongs to the model, not to the constraint
  const heapBefore = process.memoryUsage().heapUsed;
  const start = performance.now();
  const compiled = model.constraint(constraint);
  const state = compiled.begin();
  const compileMs = performance.now() - start;
  const tokens: ConstrainedToken[] = [];
  let maskMs = 0;
  for (const id of tokenizer.encode(text)) {
    const before = performance.now();
    const mask = state.mask();
    maskMs += performance.now() - before;
    const fits = isIn(mask, id);
    tokens.push({ id, token: tokenText(tokenizer, id), allowed: bitCount(mask), fits });
    if (!fits) break;
    state.advance(tokenizer.bytes(id));
  }
  const heapBytes = Math.max(0, process.memoryUsage().heapUsed - heapBefore);
  const explanation = explain(compileMachine(constraint), text);
  return { ...explanation, tokens, compileMs, maskMs, memoryBytes: heapBytes + compiled.maskBytes() };
}

function bitCount(mask: Uint32Array): number {
  let count = 0;
  for (const word of mask) for (let left = word; left !== 0; left &= left - 1) count++;
  return count;
}
