/** A text with a given beginning: its bytes one by one, and then any. */

import { DEAD, type ByteAutomaton } from "./automaton.js";

export function startsWithAutomaton(text: string): ByteAutomaton {
  const bytes = new TextEncoder().encode(text);
  const free = bytes.length;
  return {
    start: 0,
    step: (state, byte) => (state === free ? free : bytes[state] === byte ? state + 1 : DEAD),
    accepts: (state) => state === free,
    continues: () => true,
  };
}
