/** A constraint that is only a wish: what it does not allow becomes less likely, for as long as the text has kept it. */

import type { Sampler } from "../sampling/chain.js";
import { isIn, massOf, withoutTokens, type Constrained, type ConstrainedOptions } from "./constrained.js";

/** `strength` is subtracted from the logits of tokens that the constraint does not allow. */
export function preferring(
  { state, compileMs, sampler, tokenizer }: Omit<ConstrainedOptions, "limit" | "healing">,
  strength: number,
): Constrained {
  const legalMass: number[] = [];
  let maskMs = 0;
  let kept = true;

  return {
    forced: () => [],
    next(logits, history, { mayEnd }) {
      if (!kept) return ending(sampler, mayEnd)(logits, history);
      const start = performance.now();
      const mask = state.mask();
      maskMs += performance.now() - start;
      legalMass.push(massOf(logits, mask));
      for (let id = 0; id < logits.length; id++) if (!isIn(mask, id)) logits[id]! -= strength;
      const id = ending(sampler, mayEnd)(logits, history);
      kept = isIn(mask, id);
      return id;
    },
    advance(bytes) {
      if (kept) state.advance(bytes);
    },
    allows: () => true,
    isFinished: () => kept && state.isFinished(),
    usage: () => ({ forcedTokens: 0, compileMs, maskMs, legalMass, kept: kept && state.accepts() }),
  };

  function ending(from: Sampler, mayEnd: boolean) {
    if (mayEnd) return from.next.bind(from);
    const all = new Uint32Array(Math.ceil(tokenizer.vocabularySize / 32)).fill(0xffffffff);
    const mask = withoutTokens(all, tokenizer.eos);
    return (logits: Float32Array, history: readonly number[]) => from.next(logits, history, mask);
  }
}
