/** A regular expression as a machine that may be in several states at once (Thompson's construction). */

import { unsupported } from "../refuse.js";
import type { Regex } from "./syntax.js";
import { utf8Sequences } from "./utf8.js";

export interface Nfa {
  readonly start: number;
  readonly accept: number;
  /** Bytes from `low` to `high` lead to `to`: three numbers for each edge of a state. */
  readonly edges: readonly (readonly number[])[];
  /** States that are reached without reading. */
  readonly free: readonly (readonly number[])[];
}

/** A machine of more states takes too long to build and too much memory. */
const MOST_STATES = 60_000;

/** Throws `constraint-unsupported` when the expression is too large. No anchors: see `searched`. */
export function toNfa(regex: Regex): Nfa {
  const edges: number[][] = [];
  const free: number[][] = [];
  const newState = () => {
    if (MOST_STATES <= edges.length)
      throw unsupported(
        `The constraint unfolds to more than ${MOST_STATES} states. Use smaller numbers of repetitions, or fewer choices.`,
      );
    edges.push([]);
    return free.push([]) - 1;
  };
  const start = newState();
  const accept = build(regex, start);
  return { start, accept, edges, free };

  /** Adds states from `from` on and returns the one where the expression ends. */
  function build(it: Regex, from: number): number {
    switch (it.kind) {
      case "set":
        return buildSet(it.ranges, from);
      case "sequence":
        return it.items.reduce((state, item) => build(item, state), from);
      case "either": {
        const end = newState();
        for (const item of it.items) {
          const begin = newState();
          free[from]!.push(begin);
          free[build(item, begin)]!.push(end);
        }
        return end;
      }
      case "repeat":
        return buildRepeat(it.item, it.min, it.max, from);
      default:
        throw new Error(`a regular expression with ${it.kind} has no machine`);
    }
  }

  function buildRepeat(item: Regex, min: number, max: number, from: number): number {
    let state = from;
    for (let i = 0; i < min; i++) state = build(item, state);
    if (max === Infinity) {
      const loop = newState();
      free[state]!.push(loop);
      free[build(item, loop)]!.push(loop);
      return loop;
    }
    const end = newState();
    for (let i = min; i < max; i++) {
      free[state]!.push(end);
      state = build(item, state);
    }
    free[state]!.push(end);
    return end;
  }

  function buildSet(ranges: readonly (readonly [number, number])[], from: number): number {
    const end = newState();
    /** States by the bytes that are still to come, so that sequences with one tail share it. */
    const tails = new Map<string, number>();
    for (const [low, high] of ranges) {
      for (const sequence of utf8Sequences(low, high)) {
        let to = end;
        let key = "";
        for (let i = sequence.length - 1; 0 < i; i--) {
          const [first, last] = sequence[i]!;
          key = `${first}-${last}.${key}`;
          let state = tails.get(key);
          if (state === undefined) {
            tails.set(key, (state = newState()));
            edges[state]!.push(first, last, to);
          }
          to = state;
        }
        edges[from]!.push(sequence[0]![0], sequence[0]![1], to);
      }
    }
    return end;
  }
}
