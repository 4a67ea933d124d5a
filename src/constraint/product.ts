/**
 * Several automata read the same text at once; what they say of it decides whether it is accepted, and as what. Intersection,
 * complement and difference are products with different judges.
 */

import { DEAD, readableFirst, type ByteAutomaton, type Free } from "./automaton.js";
import { unsupported } from "./refuse.js";

/** An automaton that accepts in several ways, told apart by a number. */
export interface TaggedAutomaton extends Omit<ByteAutomaton, "accepts"> {
  /** How the text so far is accepted, or `REJECTED`. */
  tag(state: number): number;
}

export const REJECTED = -1;

/** More states than this, all parts counted, are not looked at for a shortest way to acceptance. */
const MOST_FOR_SHORTEST = 10_000;
/** And so many for any way. */
const MOST_SEARCHED = 40_000;

/**
 * `parts` read along, each for as long as it can; where `needed[i]` is set the text dies with part i. `judge` is given what
 * each part says of the text so far. Throws `constraint-unsupported` when it takes too long to find out what can be accepted.
 */
export function product(
  parts: readonly ByteAutomaton[],
  needed: readonly boolean[],
  judge: (accepted: readonly boolean[]) => number,
): TaggedAutomaton {
  const ids = new Map<string, number>();
  const tuples: (readonly number[])[] = [];
  const tables: (Int32Array | undefined)[] = [];
  const tags: number[] = [];
  /** Distance to acceptance; -1 while unknown. */
  const distances: number[] = [];

  /** The next state on a way of that length, where one was found. */
  const successors: number[] = [];

  const intern = (tuple: readonly number[]): number => {
    if (tuple.some((state, i) => state === DEAD && needed[i])) return DEAD;
    const key = tuple.join();
    let id = ids.get(key);
    if (id === undefined) {
      id = tuples.push(tuple) - 1;
      ids.set(key, id);
      tables.push(undefined);
      tags.push(judge(tuple.map((state, i) => state !== DEAD && parts[i]!.accepts(state))));
      distances.push(-1);
    }
    return id;
  };

  /** Successors, those that lead nowhere included. */
  const table = (id: number): Int32Array => {
    let found = tables[id];
    if (found !== undefined) return found;
    found = new Int32Array(256);
    const tuple = tuples[id]!;
    let lastKey = "";
    let last = DEAD;
    for (let byte = 0; byte < 256; byte++) {
      const next = tuple.map((state, i) => (state === DEAD ? DEAD : parts[i]!.step(state, byte)));
      const key = next.join();
      // Neighbouring bytes mostly lead to the same state.
      if (key !== lastKey || byte === 0) last = intern(next);
      lastKey = key;
      found[byte] = last;
    }
    tables[id] = found;
    return found;
  };

  /** No text that is accepted from here is shorter: every part that is needed has to accept it. */
  const lowerBound = (id: number): number => {
    if (distances[id] !== -1) return distances[id]!;
    return tuples[id]!.reduce((most, state, i) => (needed[i] ? Math.max(most, parts[i]!.shortest(state)) : most), 0);
  };
  /** Shrinks with every step that serves a part, whichever it is. */
  const allMissing = (id: number): number =>
    tuples[id]!.reduce((sum, state, i) => (needed[i] ? sum + parts[i]!.shortest(state) : sum), 0);

  /** Bytes of a text that leads to acceptance: a shortest one, where it is found soon. */
  const shortest = (id: number): number => {
    if (distances[id] !== -1) return distances[id]!;
    const found = search(id, MOST_FOR_SHORTEST, (state, steps) => steps + lowerBound(state));
    if (found !== undefined) return found;
    const any = search(id, MOST_SEARCHED, (state, steps) => steps + 2 * allMissing(state));
    if (any !== undefined) return any;
    throw unsupported("The constraint combines patterns whose common texts take too long to find.");
  };

  /** Best first to acceptance, in the order of `rank`. What is learned is kept; undefined when it takes too long. */
  const search = (id: number, most: number, rank: (state: number, steps: number) => number): number | undefined => {
    const before = new Map<number, number>([[id, -1]]);
    const steps = new Map<number, number>([[id, 0]]);
    const closed = new Set<number>();
    const open: number[][] = [];
    let best = 0;
    const add = (state: number) => {
      const at = rank(state, steps.get(state)!);
      if (at === Infinity) return;
      (open[at] ??= []).push(state); // of equals the last one comes first: it is the nearest to the end
      best = Math.min(best, at);
    };
    add(id);
    while (best < open.length) {
      const state = open[best]?.pop();
      if (state === undefined) {
        best++;
        continue;
      }
      if (closed.has(state)) continue;
      closed.add(state);
      const rest = tags[state] !== REJECTED ? 0 : distances[state]!;
      if (0 <= rest) return record(state, rest, before);
      const after = steps.get(state)! + 1;
      for (const to of new Set(table(state))) {
        if (to === DEAD || (steps.get(to) ?? Infinity) <= after) continue;
        before.set(to, state);
        steps.set(to, after);
        add(to);
      }
      if (most < closed.size * parts.length) return undefined;
    }
    for (const state of before.keys()) distances[state] = Infinity;
    return Infinity;
  };

  const record = (state: number, rest: number, before: ReadonlyMap<number, number>): number => {
    let distance = rest;
    for (let at = state; ; distance++) {
      distances[at] = distance;
      const from = before.get(at)!;
      if (from === -1) return distance;
      successors[from] = at;
      at = from;
    }
  };

  /** All parts that still read are free: the tightest of them counts. What they say together must not depend on where. */
  const freeOf = (tuple: readonly number[]): Free | undefined => {
    const reading = tuple.flatMap((state, i) =>
      state === DEAD ? [] : [{ part: parts[i]!, state, needed: needed[i]! }],
    );
    let [need, room] = [0, Infinity];
    for (const { part, state, needed: isNeeded } of reading) {
      const free = part.free?.(state);
      if (free === undefined || !isNeeded) return undefined;
      [need, room] = [Math.max(need, free.need), Math.min(room, free.room)];
    }
    const accepted = judge(tuple.map((state) => state !== DEAD));
    return accepted === REJECTED || reading.length === 0 ? undefined : { need, room, tag: accepted, inJson: false };
  };

  const frees: (Free | null | undefined)[] = [];
  /** The table without what leads nowhere. */
  const trimmed: (Int32Array | undefined)[] = [];
  const trim = (id: number): Int32Array => {
    const found = table(id).slice();
    let last = DEAD;
    let lastAlive = DEAD;
    for (let byte = 0; byte < 256; byte++) {
      const to = found[byte]!;
      if (to !== last) [last, lastAlive] = [to, alive(to) ? to : DEAD];
      found[byte] = lastAlive;
    }
    return (trimmed[id] = found);
  };

  const alive = (id: number) => id !== DEAD && shortest(id) !== Infinity;
  const first = intern(parts.map((it) => it.start));
  return {
    start: alive(first) ? first : DEAD,
    step(state, byte) {
      return (trimmed[state] ?? trim(state))[byte]!;
    },
    tag: (state) => tags[state]!,
    free(state) {
      // null: known not to be free.
      let found = frees[state];
      if (found === undefined) frees[state] = found = freeOf(tuples[state]!) ?? null;
      return found ?? undefined;
    },
    continues: (state) => (trimmed[state] ?? trim(state)).some((to) => to !== DEAD),
    shortest,
    leads(state) {
      const to = 0 < shortest(state) ? successors[state] : undefined;
      return to === undefined ? undefined : readableFirst.find((byte) => table(state)[byte] === to);
    },
  };
}

function untagged({ tag, ...rest }: TaggedAutomaton): ByteAutomaton {
  return { ...rest, accepts: (state) => tag(state) !== REJECTED };
}

const all = (accepted: readonly boolean[]) => (accepted.every(Boolean) ? 0 : REJECTED);

/** Texts that all of them accept. */
export function intersection(parts: readonly ByteAutomaton[]): ByteAutomaton {
  if (parts.length === 1) return parts[0]!;
  return untagged(
    product(
      parts,
      parts.map(() => true),
      all,
    ),
  );
}

/** Texts of `whole` that none of `parts` accepts. */
export function difference(whole: ByteAutomaton, parts: readonly ByteAutomaton[]): ByteAutomaton {
  return untagged(
    product([whole, ...parts], [true, ...parts.map(() => false)], ([own, ...others]) =>
      own === true && !others.includes(true) ? 0 : REJECTED,
    ),
  );
}

/** Texts that any of them accepts. */
export function union(parts: readonly ByteAutomaton[]): ByteAutomaton {
  if (parts.length === 1) return parts[0]!;
  return untagged(
    product(
      parts,
      parts.map(() => false),
      (accepted) => (accepted.includes(true) ? 0 : REJECTED),
    ),
  );
}

/** An automaton that accepts in one way. */
export function tagged(automaton: ByteAutomaton): TaggedAutomaton {
  return { ...automaton, tag: (state) => (state !== DEAD && automaton.accepts(state) ? 0 : REJECTED) };
}
