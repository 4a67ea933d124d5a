/**
 * The least bytes that values of a schema take, and so which of them exist at all. Recursive schemas are solved by going
 * around until nothing changes: a value that needs itself never gets a size.
 */

import { lengthLanguage } from "../language.js";
import { difference, intersection } from "../product.js";
import { jsonString } from "../jsonString.js";
import { literalSet } from "../literals.js";
import type { ByteAutomaton } from "../automaton.js";
import {
  demandsOn,
  type Alternative,
  type ArrayAlternative,
  type ObjectAlternative,
  type StringAlternative,
} from "./alternatives.js";
import type { Demands } from "./demands.js";
import type { SchemaReader } from "./expand.js";
import { numberAutomaton, ONE } from "./number.js";

export interface Sizes {
  /** Bytes of a shortest value; Infinity when there is none. */
  of(demands: Demands): number;
  ofAlternative(it: Alternative): number;
}

export function createSizes({ alternatives, demands: table }: SchemaReader): Sizes {
  const settled = new Map<Demands, number>();
  const ownSizes = new Map<Alternative, number>();

  function of(demands: Demands): number {
    const known = settled.get(demands);
    if (known !== undefined) return known;
    const open = reachable(demands);
    const found = new Map<Demands, number>(open.map((it) => [it, Infinity]));
    const look = (it: Demands) => settled.get(it) ?? found.get(it) ?? Infinity;
    for (let changed = true; changed;) {
      changed = false;
      for (const it of open) {
        const size = Math.min(Infinity, ...alternatives(it).map((one) => sizeOf(one, look)));
        if (size < found.get(it)!) {
          found.set(it, size);
          changed = true;
        }
      }
    }
    for (const [it, size] of found) settled.set(it, size);
    return found.get(demands)!;
  }

  /** Everything that must be written inside of a value, and inside of that. */
  function reachable(from: Demands): Demands[] {
    const seen = new Set<Demands>([from]);
    const open = [from];
    while (0 < open.length) {
      for (const it of alternatives(open.pop()!).flatMap(mandatory)) {
        if (seen.has(it) || settled.has(it)) continue;
        seen.add(it);
        open.push(it);
      }
    }
    return [...seen];
  }

  function mandatory(it: Alternative): readonly Demands[] {
    if (it.kind === "object") {
      const on = (name: string) => demandsOn(it, name, table.anything, table.join);
      if (it.min <= it.required.size && it.outside.length === 0) return [...it.required].map(on);
      const others = it.groups.flatMap(({ patterns, additional }) => [
        ...patterns.map(({ value }) => value),
        ...(additional === undefined ? [] : [additional]),
      ]);
      return [...propertyNames(it).map(on), ...others];
    }
    if (it.kind !== "array") return [];
    const items = 0 < it.contains.length ? [...it.prefix, it.rest] : it.prefix.slice(0, it.min);
    if (it.prefix.length < it.min) items.push(it.rest);
    return [...items, ...items.flatMap((item) => it.contains.map((one) => table.join(item, one.item)))];
  }

  function sizeOf(it: Alternative, look: (demands: Demands) => number): number {
    if (it.kind === "object") return objectSize(it, look);
    if (it.kind === "array") return arraySize(it, look);
    let size = ownSizes.get(it);
    if (size === undefined) ownSizes.set(it, (size = flatSize(it)));
    return size;
  }

  function objectSize(it: ObjectAlternative, look: (demands: Demands) => number): number {
    const sizeOfProperty = (name: string) =>
      it.names.every((language) => holdsText(language.automaton, name))
        ? JSON.stringify(name).length + 1 + look(demandsOn(it, name, table.anything, table.join))
        : Infinity;
    const required = [...it.required].map(sizeOfProperty);
    const missing = it.min - required.length;
    const optional =
      missing <= 0
        ? []
        : propertyNames(it)
            .filter((name) => !it.required.has(name))
            .map(sizeOfProperty);
    const fill = [...optional.filter((size) => size < Infinity), ...(missing <= 0 ? [] : others(it, look, missing))]
      .sort((a, b) => a - b)
      .slice(0, Math.max(0, missing));
    if (fill.length < missing) return Infinity;
    const parts = [...required, ...fill, ...outsiders(it, look, sizeOfProperty)];
    return 2 + parts.reduce((sum, size) => sum + size, 0) + Math.max(0, parts.length - 1);
  }

  /** Properties outside of the sets of names that ask for one; each set is counted by itself. */
  function outsiders(
    it: ObjectAlternative,
    look: (demands: Demands) => number,
    sizeOfProperty: (name: string) => number,
  ): number[] {
    const open = it.outside.filter((names) => [...it.required].every((name) => names.has(name)));
    return open.map((names) => {
      const named = propertyNames(it)
        .filter((name) => !names.has(name))
        .map(sizeOfProperty);
      return Math.min(Infinity, ...named, ...others(it, look, 1));
    });
  }

  /** A property that is not named; see objectPart.ts for why not more of them count. */
  function others(it: ObjectAlternative, look: (demands: Demands) => number, missing: number): number[] {
    const closed = it.groups.some(({ additional }) => additional !== undefined && look(additional) === Infinity);
    const open = it.groups.flatMap(({ patterns }) =>
      patterns.map(({ value }) => look(value)).filter((size) => size < Infinity),
    );
    if (closed && open.length === 0) return [];
    return Array.from({ length: Math.min(missing, 1) }, () => 24 + Math.min(8, ...open));
  }

  function arraySize(it: ArrayAlternative, look: (demands: Demands) => number): number {
    const items = leastItems(
      it,
      0,
      it.contains.map(() => 0),
      (a, b) => look(table.join(a, b)),
    );
    return 2 + items.reduce((sum, size) => sum + size, 0) + Math.max(0, items.length - 1);
  }

  return { of, ofAlternative: (it) => sizeOf(it, of) };
}

function flatSize(it: Exclude<Alternative, ArrayAlternative | ObjectAlternative>): number {
  switch (it.kind) {
    case "null":
      return 4;
    case "boolean":
      return it.values.includes(true) ? 4 : 5;
    case "number": {
      const { start, shortest } = it.values === undefined ? numberAutomaton(it) : literalSet(it.values.map(numberText));
      return start < 0 ? Infinity : shortest(start);
    }
    default: {
      if (it.texts !== undefined) return Math.min(...it.texts.map((text) => JSON.stringify(text).length));
      const { start, shortest } = jsonString(languageOf(it));
      return start < 0 ? Infinity : shortest(start);
    }
  }
}

/** More items than this are not written one by one. */
const MOST_ITEMS = 100_000;

/**
 * Sizes of the items that an array of `count` items, `contained` of them counting for each `contains`, still needs; an
 * infinite one where it cannot be completed. Each `contains` takes the first places where it can stand.
 */
export function leastItems(
  { prefix, rest, min, max, contains }: ArrayAlternative,
  count: number,
  contained: readonly number[],
  sizeOf: (item: Demands, also: Demands) => number,
): readonly number[] {
  const missing = contains.map((it, i) => it.min - contained[i]!);
  const found: number[] = [];
  for (let at = count; at < min || missing.some((it) => 0 < it); at++) {
    if (max <= at || MOST_ITEMS < found.length) return [Infinity];
    const item = prefix[at] ?? rest;
    const which = missing.findIndex((it, i) => 0 < it && sizeOf(item, contains[i]!.item) < Infinity);
    const isHopeless = which < 0 && prefix.length <= at && missing.some((it) => 0 < it);
    if (isHopeless) return [Infinity];
    if (0 <= which) missing[which]!--;
    found.push(sizeOf(item, which < 0 ? item : contains[which]!.item));
  }
  return found;
}

/** All names that the object's schemas mention. */
export function propertyNames({ groups, required, outside }: ObjectAlternative): string[] {
  const described = groups.flatMap(({ properties }) => [...properties.keys()]);
  return [...new Set([...described, ...required, ...outside.flatMap((it) => [...it])])];
}

export function holdsText(automaton: ByteAutomaton, text: string): boolean {
  let state = automaton.start;
  for (const byte of new TextEncoder().encode(text)) {
    if (state < 0) return false;
    state = automaton.step(state, byte);
  }
  return 0 <= state && automaton.accepts(state);
}

/** The texts of an alternative that does not list them. */
export function languageOf({ min, max, languages, excluded }: StringAlternative): ByteAutomaton {
  const parts = languages.map((it) => it.automaton);
  if (0 < min || max < Infinity || parts.length === 0) parts.push(lengthLanguage(min, max));
  const all = intersection(parts);
  return excluded.length === 0 ? all : difference(all, [literalSet(excluded)]);
}

/** As JSON.stringify writes it, for values that a double holds. */
export function numberText(value: bigint): string {
  const sign = value < 0n ? "-" : "";
  const magnitude = value < 0n ? -value : value;
  const fraction = (magnitude % ONE).toString().padStart(20, "0").replace(/0+$/, "");
  return `${sign}${magnitude / ONE}${fraction === "" ? "" : `.${fraction}`}`;
}
