/** One of several texts: a tree of their bytes. */

import { DEAD, type ByteAutomaton } from "./automaton.js";

/** `options`: at least one, none empty. */
export function choiceAutomaton(options: readonly string[]): ByteAutomaton {
  const children: Map<number, number>[] = [new Map<number, number>()];
  const complete = new Set<number>();
  for (const option of options) {
    let state = 0;
    for (const byte of new TextEncoder().encode(option)) {
      let next = children[state]!.get(byte);
      if (next === undefined) {
        next = children.push(new Map()) - 1;
        children[state]!.set(byte, next);
      }
      state = next;
    }
    complete.add(state);
  }
  return {
    start: 0,
    step: (state, byte) => children[state]?.get(byte) ?? DEAD,
    accepts: (state) => complete.has(state),
    continues: (state) => 0 < (children[state]?.size ?? 0),
  };
}
