/**
 * Several automata read the same text at once; what they say of it decides whether it is accepted, and as what. Intersection,
 * complement and difference are products with different judges.
 */

import { DEAD, readableFirst, type ByteAutomaton, type Free } from "./automaton.js";
import { createNearest } from "./nearest.js";

/** An automaton that accepts in several ways, told apart by a number. */
export interface TaggedAutomaton extends Omit<ByteAutomaton, "accepts"> {
  /** How the text so far is accepted, or `REJECTED`. */
  tag(state: number): number;
}

export const REJECTED = -1;
/** Not asked for yet. */
const UNKNOWN = -2;
/** 64 states are 64 KB. */
const BLOCK_BITS = 6;

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

  const intern = (tuple: readonly number[]): number => {
    if (tuple.some((state, i) => state === DEAD && needed[i])) return DEAD;
    const key = tuple.join();
    let id = ids.get(key);
    if (id === undefined) {
      id = tuples.push(tuple) - 1;
      ids.set(key, id);
      tables.push(undefined);
      tags.push(judge(tuple.map((state, i) => state !== DEAD && parts[i]!.accepts(state))));
    }
    return id;
  };

  const after = (id: number, byte: number): number =>
    tables[id]?.[byte] ?? intern(tuples[id]!.map((state, i) => (state === DEAD ? DEAD : parts[i]!.step(state, byte))));

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

  const missing = (id: number) => tuples[id]!.map((state, i) => (needed[i] === true ? parts[i]!.shortest(state) : 0));
  const towards = parts.map(createToward);
  const nearest = createNearest({
    accepted: (id) => tags[id] !== REJECTED,
    successors: table,
    lowerBound: (id) => Math.max(0, ...missing(id)),
    missing: (id) => missing(id).reduce((sum, it) => sum + it, 0),
    guess(id) {
      const lengths = missing(id);
      const longest = lengths.indexOf(Math.max(...lengths));
      if (lengths[longest] === 0 || lengths[longest] === Infinity) return DEAD;
      const byte = towards[longest]!(tuples[id]![longest]!);
      return byte === undefined ? DEAD : after(id, byte);
    },
    cost: parts.length,
  });

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
  /** Successors without those that lead nowhere, as far as they were asked for: many states at a time, to spare memory. */
  const trimmed: Int32Array[] = [];
  const step = (id: number, byte: number): number => {
    const block = (trimmed[id >> BLOCK_BITS] ??= new Int32Array(256 << BLOCK_BITS).fill(UNKNOWN));
    const at = ((id & ((1 << BLOCK_BITS) - 1)) << 8) | byte;
    let to = block[at]!;
    if (to === UNKNOWN) {
      const next = after(id, byte);
      block[at] = to = alive(next) ? next : DEAD;
    }
    return to;
  };

  const alive = (id: number) => id !== DEAD && nearest.isAlive(id);
  const first = intern(parts.map((it) => it.start));
  return {
    start: alive(first) ? first : DEAD,
    step,
    tag: (state) => tags[state]!,
    free(state) {
      // null: known not to be free.
      let found = frees[state];
      if (found === undefined) frees[state] = found = freeOf(tuples[state]!) ?? null;
      return found ?? undefined;
    },
    continues: (state) => readableFirst.some((byte) => step(state, byte) !== DEAD),
    shortest: nearest.distance,
    leads(state) {
      const to = 0 < nearest.distance(state) ? nearest.next(state) : undefined;
      return to === undefined ? undefined : readableFirst.find((byte) => table(state)[byte] === to);
    },
  };
}

/** For a state, a byte that shortens the way to acceptance. */
function createToward(part: ByteAutomaton): (state: number) => number | undefined {
  const known: (number | undefined)[] = [];
  const find = (state: number): number | undefined => {
    const own = part.leads?.(state);
    if (own !== undefined) return own;
    const rest = part.shortest(state);
    return readableFirst.find((byte) => {
      const to = part.step(state, byte);
      return to !== DEAD && part.shortest(to) < rest;
    });
  };
  return (state) => (known[state] ??= find(state));
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
