/** For how many positions of a model memory is reserved. */

import { TillerError } from "../base/error.js";
import type { ModelSpec } from "../protocol/engine.js";

const DEFAULT_CONTEXT = 8192;

/** `trained`: positions the model was trained for. Throws `usage` for more than those. */
export function contextOf({ contextTokens }: Pick<ModelSpec, "contextTokens">, trained: number): number {
  if (contextTokens === undefined) return Math.min(trained, DEFAULT_CONTEXT);
  if (Number.isInteger(contextTokens) && 1 <= contextTokens && contextTokens <= trained) return contextTokens;
  throw new TillerError("usage", `The context can be 1 to ${trained} tokens with this model, not ${contextTokens}.`);
}
