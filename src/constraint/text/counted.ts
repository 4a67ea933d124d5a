/** Texts with so many units of something, such as words: an automaton says where each unit begins. */

import { DEAD, type ByteAutomaton } from "../automaton.js";

/** States of the automaton of beginnings; ours are a count times this, and one of those. */
const MOST_STATES = 4096;

/**
 * Texts in which `min` to `max` units begin. `beginnings` accepts the texts that end with the first character of a unit, and
 * some text leads on to the next from everywhere.
 */
export function countedLanguage(beginnings: ByteAutomaton, min: number, max: number): ByteAutomaton {
  const counted = (count: number) => (max === Infinity ? Math.min(count, min) : count);
  const countOf = (state: number) => Math.floor(state / MOST_STATES);
  /** Least bytes between two beginnings. */
  let between: number | undefined;

  return {
    start: min <= max ? beginnings.start : DEAD,
    step(state, byte) {
      const to = beginnings.step(state % MOST_STATES, byte);
      if (to === DEAD) return DEAD;
      if (MOST_STATES <= to) throw new Error("an automaton of beginnings has too many states");
      const count = countOf(state) + (beginnings.accepts(to) ? 1 : 0);
      return max < count ? DEAD : counted(count) * MOST_STATES + to;
    },
    accepts: (state) => min <= countOf(state),
    continues: () => true,
    shortest(state) {
      const missing = min - countOf(state);
      if (missing <= 0) return 0;
      between ??= afterAccepted(beginnings, beginnings.start);
      return toNext(beginnings, state % MOST_STATES) + (missing - 1) * between;
    },
  };
}

/** Bytes to the next beginning, at least one. */
function toNext(beginnings: ByteAutomaton, state: number): number {
  if (!beginnings.accepts(state)) return beginnings.shortest(state);
  let best = Infinity;
  for (let byte = 0; byte < 256; byte++) {
    const to = beginnings.step(state, byte);
    if (to !== DEAD) best = Math.min(best, 1 + beginnings.shortest(to));
  }
  return best;
}

/** Bytes from the beginning that is reached first to the next one. */
function afterAccepted(beginnings: ByteAutomaton, from: number): number {
  let state = from;
  while (!beginnings.accepts(state)) {
    const rest = beginnings.shortest(state);
    for (let byte = 0; ; byte++) {
      const to = beginnings.step(state, byte);
      if (to === DEAD || rest - 1 < beginnings.shortest(to)) continue;
      state = to;
      break;
    }
  }
  return toNext(beginnings, state);
}
