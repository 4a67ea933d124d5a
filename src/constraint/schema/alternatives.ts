/**
 * What a schema allows, as alternatives of one JSON type each, and what two of them have in common. Schemas inside of arrays
 * and objects stay as they are, as a set of demands, until a value stands there.
 */

import type { ByteAutomaton } from "../automaton.js";
import type { Demands } from "./demands.js";
import type { NumberRules } from "./number.js";

/** A set of texts, with a name by which equal ones are shared. */
export interface Language {
  readonly key: string;
  readonly automaton: ByteAutomaton;
}

export interface NumberAlternative extends NumberRules {
  readonly kind: "number";
  /** Only these, when given. */
  readonly values: readonly bigint[] | undefined;
}

export interface StringAlternative {
  readonly kind: "string";
  readonly min: number;
  readonly max: number;
  /** All of them hold. */
  readonly languages: readonly Language[];
  /** Texts that are excluded. */
  readonly excluded: readonly string[];
  /** Only these, when given. */
  readonly texts: readonly string[] | undefined;
}

export interface ArrayAlternative {
  readonly kind: "array";
  readonly prefix: readonly Demands[];
  /** Items behind the prefix. */
  readonly rest: Demands;
  readonly min: number;
  readonly max: number;
  readonly contains: readonly { readonly item: Demands; readonly min: number; readonly max: number }[];
  readonly unique: boolean;
}

/** One schema's own view of an object's properties. */
export interface PropertyGroup {
  readonly properties: ReadonlyMap<string, Demands>;
  readonly patterns: readonly { readonly language: Language; readonly value: Demands }[];
  /** Undefined: nothing is said, and anything may stand there. */
  readonly additional: Demands | undefined;
  /** Counts for `unevaluatedProperties`: not when it says what must not be. */
  readonly evaluates: boolean;
}

export interface ObjectAlternative {
  readonly kind: "object";
  readonly groups: readonly PropertyGroup[];
  readonly names: readonly Language[];
  readonly required: ReadonlySet<string>;
  /** For each set of names, some property must have a name outside of it. */
  readonly outside: readonly ReadonlySet<string>[];
  readonly min: number;
  readonly max: number;
}

export type Alternative =
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly values: readonly boolean[] }
  | NumberAlternative
  | StringAlternative
  | ArrayAlternative
  | ObjectAlternative;

export type Kind = Alternative["kind"];

export const anyNumber: NumberAlternative = {
  kind: "number",
  low: undefined,
  high: undefined,
  multiples: [],
  others: [],
  excluded: [],
  values: undefined,
};
export const anyString: StringAlternative = {
  kind: "string",
  min: 0,
  max: Infinity,
  languages: [],
  excluded: [],
  texts: undefined,
};
export const anyObject: ObjectAlternative = {
  kind: "object",
  groups: [],
  names: [],
  required: new Set(),
  outside: [],
  min: 0,
  max: Infinity,
};

export function anyArray(rest: Demands): ArrayAlternative {
  return { kind: "array", prefix: [], rest, min: 0, max: Infinity, contains: [], unique: false };
}

/** How demands are put together; given by whoever numbers them. */
export type Join = (a: Demands, b: Demands) => Demands;

/** Undefined when nothing satisfies both as far as can be seen here. */
export function common(a: Alternative, b: Alternative, join: Join): Alternative | undefined {
  if (a.kind === "null" && b.kind === "null") return a;
  if (a.kind === "boolean" && b.kind === "boolean") {
    const values = a.values.filter((it) => b.values.includes(it));
    return values.length === 0 ? undefined : { kind: "boolean", values };
  }
  if (a.kind === "number" && b.kind === "number") return commonNumber(a, b);
  if (a.kind === "string" && b.kind === "string") return commonString(a, b);
  if (a.kind === "array" && b.kind === "array") return commonArray(a, b, join);
  if (a.kind === "object" && b.kind === "object") return commonObject(a, b);
  return undefined;
}

function commonNumber(a: NumberAlternative, b: NumberAlternative): NumberAlternative | undefined {
  const low = a.low === undefined || (b.low !== undefined && a.low < b.low) ? b.low : a.low;
  const high = a.high === undefined || (b.high !== undefined && b.high < a.high) ? b.high : a.high;
  const multiples = [...new Set([...a.multiples, ...b.multiples])];
  const others = [...new Set([...a.others, ...b.others])];
  const excluded = [...new Set([...a.excluded, ...b.excluded])];
  const listed = a.values === undefined || b.values === undefined ? (a.values ?? b.values) : both(a.values, b.values);
  if (low !== undefined && high !== undefined && high < low) return undefined;
  const values = listed?.filter(
    (it) =>
      (low === undefined || low <= it) &&
      (high === undefined || it <= high) &&
      multiples.every((step) => it % step === 0n) &&
      others.every((step) => it % step !== 0n) &&
      !excluded.includes(it),
  );
  if (values?.length === 0) return undefined;
  return { kind: "number", low, high, multiples, others, excluded, values };
}

function both<T>(a: readonly T[], b: readonly T[]): T[] {
  const other = new Set(b);
  return a.filter((it) => other.has(it));
}

function commonString(a: StringAlternative, b: StringAlternative): StringAlternative | undefined {
  const languages = [...new Map([...a.languages, ...b.languages].map((it) => [it.key, it])).values()];
  const min = Math.max(a.min, b.min);
  const max = Math.min(a.max, b.max);
  if (max < min) return undefined;
  const excluded = [...new Set([...a.excluded, ...b.excluded])];
  const texts = a.texts === undefined || b.texts === undefined ? (a.texts ?? b.texts) : both(a.texts, b.texts);
  const joined = { kind: "string", min, max, languages, excluded, texts } as const;
  if (texts === undefined) return joined;
  const left = texts.filter((it) => satisfies(it, joined));
  return left.length === 0 ? undefined : { ...anyString, texts: left };
}

export function satisfies(text: string, { min, max, languages, excluded }: StringAlternative): boolean {
  const length = [...text].length;
  return min <= length && length <= max && !excluded.includes(text) && languages.every((it) => holds(it, text));
}

/** Whether a language holds a text. */
export function holds({ automaton }: Language, text: string): boolean {
  let state = automaton.start;
  for (const byte of new TextEncoder().encode(text)) {
    if (state < 0) return false;
    state = automaton.step(state, byte);
  }
  return 0 <= state && automaton.accepts(state);
}

function commonArray(a: ArrayAlternative, b: ArrayAlternative, join: Join): ArrayAlternative | undefined {
  const min = Math.max(a.min, b.min);
  const max = Math.min(a.max, b.max);
  if (max < min) return undefined;
  const prefix = Array.from({ length: Math.max(a.prefix.length, b.prefix.length) }, (_, i) =>
    join(a.prefix[i] ?? a.rest, b.prefix[i] ?? b.rest),
  );
  return {
    kind: "array",
    prefix,
    rest: join(a.rest, b.rest),
    min,
    max,
    contains: [...a.contains, ...b.contains],
    unique: a.unique || b.unique,
  };
}

function commonObject(a: ObjectAlternative, b: ObjectAlternative): ObjectAlternative | undefined {
  const min = Math.max(a.min, b.min);
  const max = Math.min(a.max, b.max);
  const required = new Set([...a.required, ...b.required]);
  if (max < min || max < required.size) return undefined;
  return {
    kind: "object",
    groups: [...a.groups, ...b.groups],
    names: [...new Map([...a.names, ...b.names].map((it) => [it.key, it])).values()],
    required,
    outside: [...a.outside, ...b.outside],
    min,
    max,
  };
}

/** What an object's property of that name must satisfy. */
export function demandsOn({ groups }: ObjectAlternative, name: string, anything: Demands, join: Join): Demands {
  let found = anything;
  for (const { properties, patterns, additional } of groups) {
    const own = properties.get(name);
    const matched = patterns.filter((it) => holds(it.language, name)).map((it) => it.value);
    if (own !== undefined) found = join(found, own);
    for (const it of matched) found = join(found, it);
    if (own === undefined && matched.length === 0 && additional !== undefined) found = join(found, additional);
  }
  return found;
}
