/** What the event of a token says: its probability, and what else was likely. */

import type { LoadedModel } from "../loadedModel.js";
import type { Constrained } from "./constrained.js";
import { likeliest, logSumExp } from "./likeliest.js";
import type { Steering } from "./steering.js";
import { tokenText } from "./tokenText.js";

export interface Reported {
  readonly top: number;
  readonly constraint: Constrained | undefined;
  readonly steering: Steering;
  /** Of the token, what the prompt's end had already. */
  readonly skippedBytes: number;
}

/** Reads from the model's own logits what the event of the next token says; undefined when nobody asks. */
export function reporter(
  { tokenizer }: LoadedModel,
  logits: Float32Array,
  { top, constraint, steering, skippedBytes }: Reported,
) {
  if (top === 0) return undefined;
  const total = logSumExp(logits);
  const unguided = steering.unguided();
  const scored = (id: number, logit: number) => ({
    id,
    token: tokenText(tokenizer, id, skippedBytes),
    logprob: logit - total,
    ...(unguided && { unguided: unguided.logprob(id) }),
  });
  const best = likeliest(logits, top).filter((id) => logits[id] !== -Infinity);
  // What guidance has changed is seen beside what would have been.
  if (unguided?.changed === true && !best.includes(unguided.best)) best.push(unguided.best);
  const alternatives = best.map((id) => ({ ...scored(id, logits[id]!), removed: constraint?.allows(id) === false }));
  const own = logits.slice();
  const changed = unguided && { changed: unguided.changed };
  return (id: number) => ({ token: scored(id, own[id]!), top: alternatives, ...changed });
}
