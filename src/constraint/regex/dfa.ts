/** The deterministic machine of an expression, built state by state as it is used (subset construction). */

import { DEAD, type ByteAutomaton } from "../automaton.js";
import { unsupported } from "../refuse.js";
import type { Nfa } from "./nfa.js";

const UNKNOWN = -2;
/** A table of 1 kB each; what needs more is refused while it runs. */
const MOST_STATES = 50_000;

export function lazyDfa(nfa: Nfa): ByteAutomaton {
  const distances = distancesOf(nfa);
  const ids = new Map<string, number>();
  const subsets: Int32Array[] = [];
  const tables: Int32Array[] = [];
  const accepting: boolean[] = [];
  const marks = new Int32Array(nfa.edges.length).fill(-1);
  let round = 0;

  const intern = (states: number[]): number => {
    const closed = closure(states);
    if (closed.length === 0) return DEAD;
    const key = closed.join();
    let id = ids.get(key);
    if (id === undefined) {
      if (MOST_STATES <= subsets.length)
        throw unsupported(`The constraint needs more than ${MOST_STATES} states. Use a simpler expression.`);
      id = subsets.push(closed) - 1;
      ids.set(key, id);
      tables.push(new Int32Array(0));
      accepting.push(closed.includes(nfa.accept));
    }
    return id;
  };

  /** States that are reached without reading, in order; those that lead nowhere, and those that only lead on, left out. */
  function closure(states: number[]): Int32Array {
    round++;
    const open = [...states];
    const found: number[] = [];
    while (0 < open.length) {
      const state = open.pop()!;
      if (marks[state] === round || distances[state] === Infinity) continue;
      marks[state] = round;
      if (0 < nfa.edges[state]!.length || state === nfa.accept) found.push(state);
      open.push(...nfa.free[state]!);
    }
    return Int32Array.from(found).sort();
  }

  /** All bytes at once: edges are cut where any of them begins or ends. */
  function fill(state: number): Int32Array {
    const table = new Int32Array(256).fill(UNKNOWN);
    const cuts = new Set<number>([0]);
    for (const it of subsets[state]!) {
      const edges = nfa.edges[it]!;
      for (let i = 0; i < edges.length; i += 3) cuts.add(edges[i]!).add(edges[i + 1]! + 1);
    }
    const sorted = [...cuts].filter((it) => it < 256).sort((a, b) => a - b);
    sorted.forEach((low, i) => {
      const to: number[] = [];
      for (const it of subsets[state]!) {
        const edges = nfa.edges[it]!;
        for (let e = 0; e < edges.length; e += 3) if (edges[e]! <= low && low <= edges[e + 1]!) to.push(edges[e + 2]!);
      }
      table.fill(to.length === 0 ? DEAD : intern(to), low, sorted[i + 1] ?? 256);
    });
    tables[state] = table;
    return table;
  }

  const shortest = (state: number) => subsets[state]!.reduce((best, it) => Math.min(best, distances[it]!), Infinity);
  const start = intern([nfa.start]);
  return {
    start,
    step(state, byte) {
      const table = tables[state]!;
      return table.length === 0 ? fill(state)[byte]! : table[byte]!;
    },
    accepts: (state) => accepting[state]!,
    continues: (state) => subsets[state]!.some((it) => 0 < nfa.edges[it]!.length),
    shortest,
  };
}

/** Bytes from each state to the accepting one; Infinity where none leads there. */
function distancesOf({ accept, edges, free }: Nfa): Float64Array {
  const distances = new Float64Array(edges.length).fill(Infinity);
  const backFree: number[][] = edges.map(() => []);
  const backEdges: number[][] = edges.map(() => []);
  free.forEach((targets, from) => targets.forEach((to) => backFree[to]!.push(from)));
  edges.forEach((it, from) => {
    for (let i = 2; i < it.length; i += 3) backEdges[it[i]!]!.push(from);
  });
  let level = [accept];
  for (let distance = 0; 0 < level.length; distance++) {
    const next: number[] = [];
    while (0 < level.length) {
      const state = level.pop()!;
      if (distances[state]! <= distance) continue;
      distances[state] = distance;
      level.push(...backFree[state]!);
      for (const it of backEdges[state]!) next.push(it);
    }
    level = next;
  }
  return distances;
}
