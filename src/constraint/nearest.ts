/** The way from the states of a product to acceptance: how long it is, where it begins, and whether there is one. */

import { DEAD } from "./automaton.js";
import { unsupported } from "./refuse.js";

/** States are numbers from 0. */
export interface Graph {
  accepted(state: number): boolean;
  /** Where each byte leads; `DEAD` may be among them. */
  successors(state: number): Int32Array;
  /** No way to acceptance is shorter. */
  lowerBound(state: number): number;
  /** Shrinks with every step that serves a part of the product, whichever it is. */
  missing(state: number): number;
  /** A successor that serves the part with the longest way to go; `DEAD` where that is not easily said. */
  guess(state: number): number;
  /** What looking at one state costs, in looks at states of parts. */
  readonly cost: number;
}

export interface Nearest {
  /** Steps to acceptance: the fewest where they are found soon. Infinity when there is no way. */
  distance(state: number): number;
  /** The first state on a way of that length, where it is known. */
  next(state: number): number | undefined;
  isAlive(state: number): boolean;
}

/** More looks than this are not taken for a shortest way. */
const MOST_FOR_SHORTEST = 3000;
/** And so many for any way. */
const MOST_FOR_ANY = 40_000;

/** Throws `constraint-unsupported` when it takes too long to find out. */
export function createNearest(graph: Graph): Nearest {
  const distances: number[] = [];
  const nexts: number[] = [];
  const living: boolean[] = [];

  function distance(state: number): number {
    const known = distances[state];
    if (known !== undefined) return known;
    const found = search(state, MOST_FOR_SHORTEST, (it, steps) => steps + (distances[it] ?? graph.lowerBound(it)));
    if (found !== undefined) return found;
    const any = search(state, MOST_FOR_ANY, (it, steps) => steps + 2 * graph.missing(it));
    if (any !== undefined) return any;
    throw unsupported("The constraint combines patterns whose common texts take too long to find.");
  }

  /** Hart, Nilsson and Raphael's A* (1968), in the order of `rank`. What is learned is kept; undefined: too many looks. */
  function search(from: number, most: number, rank: (state: number, steps: number) => number): number | undefined {
    const before = new Map<number, number>([[from, DEAD]]);
    const steps = new Map<number, number>([[from, 0]]);
    const closed = new Set<number>();
    const open: number[][] = [];
    let best = 0;
    const add = (state: number) => {
      const at = rank(state, steps.get(state)!);
      if (at === Infinity) return;
      (open[at] ??= []).push(state); // of equals the last one comes first: it is the nearest to the end
      best = Math.min(best, at);
    };
    add(from);
    while (best < open.length) {
      const state = open[best]?.pop();
      if (state === undefined) {
        best++;
        continue;
      }
      if (closed.has(state)) continue;
      closed.add(state);
      const rest = graph.accepted(state) ? 0 : distances[state];
      if (rest !== undefined) return record(state, rest, before);
      const after = steps.get(state)! + 1;
      for (const to of new Set(graph.successors(state))) {
        if (to === DEAD || (steps.get(to) ?? Infinity) <= after) continue;
        before.set(to, state);
        steps.set(to, after);
        add(to);
      }
      if (most < closed.size * graph.cost) return undefined;
    }
    for (const state of before.keys()) distances[state] = Infinity;
    return Infinity;
  }

  function record(state: number, rest: number, before: ReadonlyMap<number, number>): number {
    let way = rest;
    for (let at = state; ; way++) {
      distances[at] = way;
      const from = before.get(at)!;
      if (from === DEAD) return way;
      nexts[from] = at;
      at = from;
    }
  }

  /** Most states are seen to be alive by going straight on from them, without looking left and right. */
  function isAlive(state: number): boolean {
    const path: number[] = [];
    let found: boolean | undefined;
    for (let at = state, left = 8 + 2 * graph.missing(state); found === undefined && 0 < left; left--) {
      path.push(at);
      const known = living[at] ?? isFinite(distances[at]);
      if (known === true || graph.accepted(at)) found = true;
      else if (known === false) break;
      else if ((at = graph.guess(at)) === DEAD) break;
    }
    if (found !== true) return (living[state] = distance(state) < Infinity);
    for (const it of path) living[it] = true;
    return true;
  }

  return { distance, next: (state) => nexts[state], isAlive };
}

function isFinite(distance: number | undefined): boolean | undefined {
  return distance === undefined ? undefined : distance < Infinity;
}
