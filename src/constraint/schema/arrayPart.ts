/** A JSON array: items one after the other, counted as far as it matters. */

import type { Call, CallingPart } from "../machine.js";
import { literalSet } from "../literals.js";
import { unsupported } from "../refuse.js";
import type { ArrayAlternative } from "./alternatives.js";
import type { Demands } from "./demands.js";
import type { PartsContext } from "./partsContext.js";
import { leastItems, numberText } from "./sizes.js";

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
const SPACE = 0x20;

interface State {
  readonly phase: "start" | "open" | "item" | "spaced item" | "after" | "end";
  /** Items so far; no longer counted where more make no difference. */
  readonly count: number;
  /** Items so far that count for the n-th `contains`. */
  readonly contained: readonly number[];
  /** Values so far that must not come again: their places in the list of all. */
  readonly used: readonly number[];
}

/** Throws `constraint-unsupported` for unique items that cannot be listed. */
export function arrayPart(context: PartsContext, array: ArrayAlternative): CallingPart {
  const { reader, sizes } = context;
  const { join } = reader.demands;
  const { prefix, rest, min, contains } = array;
  // Once the items cannot be told apart there is no reason to count on.
  const counted = Math.max(prefix.length, min, array.max === Infinity ? 0 : array.max);
  const unique = array.unique && 1 < array.max ? listedItems() : undefined;
  const max = Math.min(array.max, firstImpossible(), unique?.texts.length ?? Infinity);
  const states: State[] = [];
  const ids = new Map<string, number>();
  const calls = new Map<number, readonly Call[]>();

  const intern = (phase: State["phase"], count: number, contained: State["contained"], used: State["used"]): number => {
    const kept = array.max === Infinity ? Math.min(count, counted) : count;
    const key = `${phase}:${kept}:${contained.join()}:${used.join()}`;
    let id = ids.get(key);
    if (id === undefined) ids.set(key, (id = states.push({ phase, count: kept, contained, used }) - 1));
    return id;
  };

  const isComplete = ({ count, contained }: State) =>
    min <= count && contained.every((it, i) => contains[i]!.min <= it);

  /** Another item may follow; those that still must come have room. */
  const hasRoom = ({ count, used }: State) =>
    count < max && (unique === undefined || used.length < unique.texts.length);

  const itemCalls = (id: number): readonly Call[] => {
    const state = states[id]!;
    const { count, contained, used } = state;
    if (!hasRoom(state)) return [];
    if (unique !== undefined) {
      const left = unique.texts.map((_, i) => i).filter((i) => !used.includes(i));
      const part = { kind: "flat", automaton: literalSet(left.map((i) => unique.texts[i]!)) } as const;
      const resume = (tag: number) =>
        intern(
          "after",
          count + 1,
          contained,
          [...used, left[tag]!].sort((a, b) => a - b),
        );
      return [context.newCall(part, resume, closing({ ...state, count: count + 1 }))];
    }
    const item = prefix[count] ?? rest;
    return ways(item, contained).flatMap(({ demands, next }) => {
      const after = { ...state, count: count + 1, contained: next };
      const possible = sizes.of(demands) < Infinity && reaches(after);
      return possible
        ? [context.newCall(context.valuePart(demands), () => intern("after", after.count, next, used), closing(after))]
        : [];
    });
  };

  /** What `contains` still asks for can be written. */
  const reaches = ({ count, contained }: State) =>
    0 === contains.length || needed(count, contained).every((size) => size < Infinity);

  const needed = (count: number, contained: State["contained"]) =>
    leastItems({ ...array, max }, count, contained, (a, b) => sizes.of(join(a, b)));

  /** An item counts for some of the `contains` and not for the others. */
  const ways = (item: Demands, contained: State["contained"]) => {
    let found: { demands: Demands; next: readonly number[] }[] = [{ demands: item, next: contained }];
    contains.forEach((one, i) => {
      found = found.flatMap((it) => {
        const more = it.next.map((n, k) => (k === i ? Math.min(n + 1, one.max === Infinity ? one.min : one.max) : n));
        const counts = { demands: join(it.demands, one.item), next: more };
        const isFull = one.max <= it.next[i]!;
        // Without an upper end, an item that is not counted may satisfy it as well.
        const skips = one.max === Infinity ? it : { demands: join(it.demands, opposite(one.item)), next: it.next };
        return isFull && one.max < Infinity ? [skips] : [counts, skips];
      });
    });
    return found;
  };

  const opposite = (item: Demands): Demands => {
    const [only, ...others] = item.list;
    if (only === undefined) return reader.demands.nothing;
    if (0 < others.length) throw unsupported("maxContains beside other schemas cannot be enforced.");
    return reader.demands.one(only.at, !only.negated);
  };

  /** Least bytes behind an item, the closing bracket included. */
  const closing = ({ count, contained }: State): number => {
    if (unique !== undefined) return 1 + Math.max(0, min - count) * (1 + unique.longest);
    return needed(count, contained).reduce((sum, size) => sum + 1 + size, 1);
  };

  for (let i = 0; i <= prefix.length && i < max; i++) {
    for (const { demands } of ways(
      prefix[i] ?? rest,
      contains.map(() => 0),
    )) {
      if (sizes.of(demands) < Infinity) context.valuePart(demands);
    }
  }
  const start = intern(
    "start",
    0,
    contains.map(() => 0),
    [],
  );
  return {
    kind: "calling",
    start,
    step(id, byte) {
      const { phase, count, contained, used } = states[id]!;
      const to = (next: State["phase"]) => [intern(next, count, contained, used)];
      if (phase === "start") return byte === OPEN ? to("open") : [];
      if (phase === "item") return byte === SPACE && context.spaces ? to("spaced item") : [];
      if (byte === CLOSE && (phase === "open" || phase === "after")) return isComplete(states[id]!) ? to("end") : [];
      return byte === COMMA && phase === "after" && 0 < callsOf(intern("item", count, contained, used)).length
        ? to("item")
        : [];
    },
    calls: (id) => (["open", "item", "spaced item"].includes(states[id]!.phase) ? callsOf(id) : []),
    accepts: (id) => states[id]!.phase === "end",
    reads: (id) => {
      const { phase } = states[id]!;
      return phase === "start" || phase === "open" || phase === "after" || (phase === "item" && context.spaces);
    },
    shortest(id) {
      const state = states[id]!;
      switch (state.phase) {
        case "start":
          return 1 + firstItems(state);
        case "open":
          return firstItems(state);
        case "item":
        case "spaced item":
          return Math.min(...callsOf(id).map((it) => partSize(it) + it.rest));
        case "after":
          return closing(state);
        default:
          return 0;
      }
    },
  };

  function firstItems(state: State): number {
    if (isComplete(state)) return 1;
    return Math.min(
      Infinity,
      ...callsOf(intern("open", state.count, state.contained, state.used)).map((it) => partSize(it) + it.rest),
    );
  }

  function partSize({ part }: Call): number {
    return part.kind === "flat" ? part.automaton.shortest(part.automaton.start) : part.shortest(part.start);
  }

  function callsOf(id: number): readonly Call[] {
    let found = calls.get(id);
    if (found === undefined) calls.set(id, (found = itemCalls(id)));
    return found;
  }

  /** The place at which no value can stand. */
  function firstImpossible(): number {
    const at = prefix.findIndex((it) => sizes.of(it) === Infinity);
    if (0 <= at) return at;
    return sizes.of(rest) === Infinity ? prefix.length : Infinity;
  }

  /** All values that items can have, written; for items that must not come twice. */
  function listedItems(): { texts: readonly string[]; longest: number } {
    const texts = prefix.length === 0 && contains.length === 0 ? listed(context, rest) : undefined;
    if (texts === undefined)
      throw unsupported("uniqueItems: can be enforced only where the items are listed by `enum` or `const`.");
    return { texts, longest: Math.max(0, ...texts.map((it) => it.length * 3)) };
  }
}

/** The values of a schema that has few of them. */
function listed({ reader }: PartsContext, demands: Demands): readonly string[] | undefined {
  const found: string[] = [];
  for (const it of reader.alternatives(demands)) {
    if (it.kind === "null") found.push("null");
    else if (it.kind === "boolean") found.push(...it.values.map(String));
    else if (it.kind === "string" && it.texts !== undefined)
      found.push(...it.texts.map((text) => JSON.stringify(text)));
    else if (it.kind === "number" && it.values !== undefined) found.push(...it.values.map(numberText));
    else return undefined;
  }
  return [...new Set(found)];
}
