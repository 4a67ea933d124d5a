/** A finite set of texts: a tree of their bytes. Each has its place in the list as its tag. */

import { bytesOf, DEAD, type ByteAutomaton } from "./automaton.js";
import { REJECTED, type TaggedAutomaton } from "./product.js";

/** Nodes of the tree are the states. `weight(i)` is added to the bytes of text i where distances are counted. */
export function literalSet(
  texts: readonly string[],
  weight: (index: number) => number = () => 0,
): TaggedAutomaton & ByteAutomaton {
  const children: (Map<number, number> | undefined)[] = [undefined];
  const tags: number[] = [REJECTED];
  const distances: number[] = [Infinity];
  texts.forEach((text, index) => {
    const bytes = bytesOf(text);
    let state = 0;
    for (let i = 0; ; i++) {
      distances[state] = Math.min(distances[state]!, bytes.length - i + weight(index));
      if (i === bytes.length) break;
      const own = (children[state] ??= new Map<number, number>());
      let next = own.get(bytes[i]!);
      if (next === undefined) {
        own.set(bytes[i]!, (next = children.push(undefined) - 1));
        tags.push(REJECTED);
        distances.push(Infinity);
      }
      state = next;
    }
    tags[state] = index;
  });
  return {
    start: texts.length === 0 ? DEAD : 0,
    step: (state, byte) => children[state]?.get(byte) ?? DEAD,
    tag: (state) => tags[state]!,
    accepts: (state) => tags[state] !== REJECTED,
    continues: (state) => children[state] !== undefined,
    shortest: (state) => distances[state]!,
  };
}
