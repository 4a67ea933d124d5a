/** The tokens that may come next, as a set of bits: bit i % 32 of word i / 32 stands for token i. */

import { DEAD, type ByteAutomaton } from "./automaton.js";
import type { Vocabulary } from "./vocabulary.js";

/** Tokens all of whose bytes the automaton takes from `state`, and those that end a text where it accepts. */
export function tokenMask(automaton: ByteAutomaton, state: number, vocabulary: Vocabulary): Uint32Array {
  const { size, byte, next, firstToken, tokens, ends } = vocabulary;
  const mask = new Uint32Array(Math.ceil(size / 32));
  const allow = (id: number) => (mask[id >> 5]! |= 1 << (id & 31));
  // states[d] is the state at depth d of the walk; ends[d] is where the branch at depth d ends.
  const states = [state];
  const branchEnds = [next[0]!];
  let node = 1;
  while (node < byte.length) {
    while (branchEnds[branchEnds.length - 1]! <= node) {
      branchEnds.pop();
      states.pop();
    }
    const to = automaton.step(states[states.length - 1]!, byte[node]!);
    if (to === DEAD) {
      node = next[node]!;
      continue;
    }
    for (let i = firstToken[node]!; i < firstToken[node + 1]!; i++) allow(tokens[i]!);
    states.push(to);
    branchEnds.push(next[node]!);
    node++;
  }
  if (automaton.accepts(state)) for (const id of ends) allow(id);
  return mask;
}
