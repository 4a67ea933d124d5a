/** Demands -> the alternatives that satisfy all of them. Combinators are worked out here; what cannot be is refused with its path. */

import { isJsonObject, type Json } from "../../base/json.js";
import { invalid, unsupported } from "../refuse.js";
import {
  anyNumber,
  anyObject,
  anyString,
  common,
  type Alternative,
  type Language,
  type ObjectAlternative,
  type PropertyGroup,
} from "./alternatives.js";
import { createDemands, type Demand, type Demands, type DemandTable } from "./demands.js";
import { openDocuments, type Documents, type Located } from "./documents.js";
import {
  anyValue,
  keysOf,
  malformed,
  objectAt,
  typedAlternatives,
  withKeywords,
  type KeywordContext,
} from "./keywords.js";
import { violations, withProperty } from "./negation.js";
import { fixedPoint } from "./number.js";

/** More ways to satisfy a schema at one place take too long. */
const MOST_ALTERNATIVES = 2000;
/** `anyOf` of more schemas is not combined in all ways. */
const MOST_COMBINED = 5;
/** How far below a value it is looked whether two schemas exclude each other. */
const DEEPEST_PROOF = 4;

export interface SchemaReader {
  readonly documents: Documents;
  readonly demands: DemandTable;
  readonly root: Demands;
  /** What satisfies all the demands, in the order of the schema. Throws `constraint-unsupported` and `constraint-invalid`. */
  alternatives(demands: Demands): readonly Alternative[];
}

export function readSchema(schema: Json): SchemaReader {
  const documents = openDocuments(schema);
  const demands = createDemands();
  const any = anyValue(demands.anything);
  const context: KeywordContext = { documents, demands, any, languages: new Map<string, Language>() };
  const join = (a: Demands, b: Demands) => demands.join(a, b);
  const known = new Map<Demands, readonly Alternative[]>();
  const expanding = new Set<number>();
  const expanded = new Map<number, readonly Alternative[]>();

  function alternatives(of: Demands): readonly Alternative[] {
    let found = known.get(of);
    if (found === undefined) {
      found = of.list.reduce<readonly Alternative[]>((all, it) => meet(all, expand(it), it.at), context.any);
      known.set(of, found);
    }
    return found;
  }

  function expand(demand: Demand): readonly Alternative[] {
    const found = expanded.get(demand.id);
    if (found !== undefined) return found;
    if (expanding.has(demand.id)) throw invalid(`${demand.at.path}: the schema refers to itself without an end.`);
    expanding.add(demand.id);
    try {
      const made = demand.negated ? negative(demand.at) : positive(demand.at);
      expanded.set(demand.id, made);
      return made;
    } finally {
      expanding.delete(demand.id);
    }
  }

  function of(at: Located, negated = false): readonly Alternative[] {
    return demands
      .one(at, negated)
      .list.reduce<readonly Alternative[]>((all, it) => meet(all, expand(it), it.at), context.any);
  }

  function meet(a: readonly Alternative[], b: readonly Alternative[], at: Located): readonly Alternative[] {
    if (isAnything(b)) return a;
    if (isAnything(a)) return b;
    const found: Alternative[] = [];
    for (const one of a) {
      for (const other of b) {
        const both = common(one, other, join);
        if (both !== undefined) found.push(both);
        if (MOST_ALTERNATIVES < found.length)
          throw unsupported(
            `${at.path}: the schema can be satisfied in more than ${MOST_ALTERNATIVES} ways at one place.`,
          );
      }
    }
    return found;
  }

  function isAnything(list: readonly Alternative[]): boolean {
    return list.length === context.any.length && list.every((it, i) => it === context.any[i]);
  }

  function positive(at: Located): readonly Alternative[] {
    if (at.schema === true) return context.any;
    if (at.schema === false) return [];
    const schema = objectAt(at);
    const reference = referenceOf(at);
    if (reference !== undefined && !documents.refHasSiblings) return of(reference);
    refuseUnknowns(at);
    let all = typedAlternatives(context, at).flatMap((it) => withKeywords(context, at, it) ?? []);
    if (schema["const"] !== undefined) all = meet(all, equalTo([schema["const"]]), at) as Alternative[];
    if (schema["enum"] !== undefined) {
      if (!Array.isArray(schema["enum"])) throw malformed(at, "enum", "a list of values");
      all = meet(all, equalTo(schema["enum"] as readonly Json[]), at) as Alternative[];
    }
    const narrow = (by: readonly Alternative[]) => (all = meet(all, by, at) as Alternative[]);
    if (reference !== undefined) narrow(of(reference));
    for (const it of listAt(at, "allOf")) narrow(of(it));
    if (schema["anyOf"] !== undefined) narrow(anyOf(at));
    if (schema["oneOf"] !== undefined) narrow(exactlyOne(listAt(at, "oneOf"), demands.one(at)));
    if (schema["not"] !== undefined) narrow(of(documents.child(at, "not"), true));
    if (schema["if"] !== undefined) narrow(conditional(at, false));
    for (const it of dependencies(at)) narrow(it);
    return unevaluated(at, all);
  }

  function anyOf(at: Located): readonly Alternative[] {
    const list = listAt(at, "anyOf").map((it) => of(it));
    const { unevaluatedProperties = true } = objectAt(at);
    if (unevaluatedProperties === true) return limited(list.flat(), at);
    // What several of them say together counts as evaluated.
    if (MOST_COMBINED < list.length)
      throw unsupported(`${at.path}/unevaluatedProperties: cannot be enforced beside so many schemas.`);
    return list.reduce<readonly Alternative[]>((all, it) => [...all, ...it, ...meet(all, it, at)], []);
  }

  function negative(at: Located): readonly Alternative[] {
    if (at.schema === true) return [];
    if (at.schema === false) return context.any;
    const schema = objectAt(at);
    const reference = referenceOf(at);
    if (reference !== undefined && !documents.refHasSiblings) return of(reference, true);
    refuseUnknowns(at);
    const found = [...violations(context, at)];
    if (reference !== undefined) found.push(...of(reference, true));
    for (const it of listAt(at, "allOf")) found.push(...of(it, true));
    const none = (list: readonly Located[]) =>
      list.reduce<readonly Alternative[]>((all, it) => meet(all, of(it, true), it), context.any);
    if (schema["anyOf"] !== undefined) found.push(...none(listAt(at, "anyOf")));
    if (schema["oneOf"] !== undefined) {
      const list = listAt(at, "oneOf");
      found.push(...none(list));
      list.forEach((a, i) => list.slice(i + 1).forEach((b) => found.push(...meet(of(a), of(b), at))));
    }
    if (schema["not"] !== undefined) found.push(...of(documents.child(at, "not")));
    if (schema["if"] !== undefined) found.push(...conditional(at, true));
    return found.map(withoutAnnotations);
  }

  /** `if`, `then` and `else`, or their opposite. */
  function conditional(at: Located, negated: boolean): readonly Alternative[] {
    const schema = objectAt(at);
    const part = (keyword: string) =>
      schema[keyword] === undefined ? (negated ? [] : context.any) : of(documents.child(at, keyword), negated);
    const condition = documents.child(at, "if");
    const positiveCase = schema["then"] === undefined && negated ? [] : meet(of(condition), part("then"), at);
    const otherwise = part("else");
    const negativeCase = otherwise.length === 0 ? [] : meet(of(condition, true), otherwise, at);
    return [...positiveCase, ...negativeCase];
  }

  function exactlyOne(list: readonly Located[], around: Demands): readonly Alternative[] {
    const all = list.flatMap((own, i) =>
      list.reduce<readonly Alternative[]>((all, other, j) => {
        if (i === j || exclude(own, other)) return all;
        // The same schema twice can never be the only one.
        return meet(all, of(other, true), around.list[0]?.at ?? own);
      }, of(own)),
    );
    return limited(all, around.list[0]?.at ?? list[0]!);
  }

  function limited(list: readonly Alternative[], at: Located): readonly Alternative[] {
    if (MOST_ALTERNATIVES < list.length)
      throw unsupported(`${at.path}: the schema can be satisfied in more than ${MOST_ALTERNATIVES} ways at one place.`);
    return list;
  }

  function exclude(a: Located, b: Located): boolean {
    return meet(of(a), of(b), a).every((it) => isEmpty(it, DEEPEST_PROOF));
  }

  /** Nothing satisfies it, as far as can be proved without going far. */
  function isEmpty(it: Alternative, depth: number): boolean {
    if (it.kind === "object")
      return [...it.required].some((name) => isImpossible(propertyDemands(it, name), depth - 1));
    if (it.kind === "array") return it.prefix.slice(0, it.min).some((item) => isImpossible(item, depth - 1));
    return it.kind === "string" && it.languages.some((language) => language.automaton.start < 0);
  }

  function isImpossible(value: Demands, depth: number): boolean {
    if (depth <= 0 || value.list.some((it) => expanding.has(it.id))) return false;
    return alternatives(value).every((it) => isEmpty(it, depth));
  }

  function propertyDemands(it: ObjectAlternative, name: string): Demands {
    return it.groups.reduce((found, group) => join(found, groupDemands(group, name)), demands.anything);
  }

  function groupDemands({ properties, patterns, additional }: PropertyGroup, name: string): Demands {
    const own = properties.get(name);
    if (own !== undefined) return own;
    return 0 < patterns.length ? demands.anything : (additional ?? demands.anything);
  }

  function equalTo(values: readonly Json[]): readonly Alternative[] {
    const found: Alternative[] = [];
    const texts = values.filter((it): it is string => typeof it === "string");
    const numbers = values.filter((it): it is number => typeof it === "number");
    if (values.includes(null)) found.push({ kind: "null" });
    const booleans = [false, true].filter((it) => values.includes(it));
    if (0 < booleans.length) found.push({ kind: "boolean", values: booleans });
    if (0 < numbers.length) found.push({ ...anyNumber, values: [...new Set(numbers.map(exactly))] });
    if (0 < texts.length) found.push({ ...anyString, texts: [...new Set(texts)] });
    for (const it of values) {
      if (Array.isArray(it)) found.push(arrayEqualTo(it as readonly Json[]));
      else if (isJsonObject(it)) found.push(objectEqualTo(it));
    }
    return found;
  }

  function exactly(value: number): bigint {
    const found = fixedPoint(value);
    if (found === undefined) throw unsupported(`The number ${value} needs more than 20 decimals.`);
    return found;
  }

  function arrayEqualTo(values: readonly Json[]): Alternative {
    return {
      kind: "array",
      prefix: values.map((it) => demands.equalTo(it)),
      rest: demands.nothing,
      min: values.length,
      max: values.length,
      contains: [],
      unique: false,
    };
  }

  function objectEqualTo(value: Readonly<Record<string, Json>>): Alternative {
    const properties = new Map(Object.entries(value).map(([key, it]) => [key, demands.equalTo(it)]));
    const group = { properties, patterns: [], additional: demands.nothing, evaluates: true };
    return { ...anyObject, groups: [group], required: new Set(properties.keys()) };
  }

  function dependencies(at: Located): readonly (readonly Alternative[])[] {
    return ["dependencies", "dependentSchemas", "dependentRequired"].flatMap((keyword) =>
      keysOf(at, keyword).map((name) => dependency(documents.child(at, keyword, name), name)),
    );
  }

  /** Without the property, or with it and what it asks for. */
  function dependency(at: Located, name: string): readonly Alternative[] {
    const others = context.any.filter((it) => it.kind !== "object");
    const without = withProperty(name, demands.nothing, false);
    if (Array.isArray(at.schema)) {
      const names = (at.schema as readonly Json[]).filter((it): it is string => typeof it === "string");
      return [...others, without, { ...anyObject, required: new Set([name, ...names]) }];
    }
    const present = [{ ...anyObject, required: new Set([name]) }];
    return [...others, without, ...meet(present, of(at), at)];
  }

  function unevaluated(at: Located, all: readonly Alternative[]): readonly Alternative[] {
    const schema = objectAt(at);
    if (schema["unevaluatedItems"] !== undefined && schema["unevaluatedItems"] !== true) {
      const combined = ["$ref", "allOf", "anyOf", "oneOf", "if", "contains", "not", "$dynamicRef"].some(
        (it) => schema[it] !== undefined,
      );
      if (combined) throw unsupported(`${at.path}/unevaluatedItems: cannot be enforced beside other schemas.`);
      const rest = demands.one(documents.child(at, "unevaluatedItems"));
      const covered = schema["items"] !== undefined && !Array.isArray(schema["items"]);
      if (!covered) all = all.map((it) => (it.kind === "array" ? { ...it, rest: join(it.rest, rest) } : it));
    }
    if (schema["unevaluatedProperties"] === undefined) return all;
    const value = demands.one(documents.child(at, "unevaluatedProperties"));
    return all.map((it) => (it.kind === "object" ? withUnevaluated(it, value) : it));
  }

  function withUnevaluated(it: ObjectAlternative, value: Demands): ObjectAlternative {
    const evaluating = it.groups.filter((group) => group.evaluates);
    if (evaluating.some((group) => group.additional !== undefined)) return it;
    if (value === demands.anything) {
      const everything = { properties: new Map<string, Demands>(), patterns: [], additional: value, evaluates: true };
      return { ...it, groups: [...it.groups, everything] };
    }
    const properties = new Map(
      evaluating.flatMap((group) => [...group.properties.keys()].map((key) => [key, demands.anything])),
    );
    const patterns = evaluating.flatMap((group) =>
      group.patterns.map(({ language }) => ({ language, value: demands.anything })),
    );
    return { ...it, groups: [...it.groups, { properties, patterns, additional: value, evaluates: true }] };
  }

  function referenceOf(at: Located): Located | undefined {
    const { $ref, $dynamicRef, $recursiveRef } = objectAt(at);
    const reference = $ref ?? $dynamicRef ?? $recursiveRef;
    if (reference === undefined) return undefined;
    if (typeof reference !== "string") throw malformed(at, "$ref", "a reference");
    if ($ref === undefined && isExtended())
      throw unsupported(`${at.path}: a dynamic reference with more than one target cannot be enforced.`);
    return documents.resolve(at, reference);
  }

  /** Some schema of the document says what dynamic references inside of others mean. */
  function isExtended(): boolean {
    return /"\$(?:dynamicAnchor|recursiveAnchor|id)".*"\$(?:dynamicAnchor|recursiveAnchor|id)"/s.test(
      JSON.stringify(schema),
    );
  }

  function listAt(at: Located, keyword: string): readonly Located[] {
    const value = objectAt(at)[keyword];
    if (value === undefined) return [];
    if (!Array.isArray(value) || value.length === 0) throw malformed(at, keyword, "a list of schemas");
    return value.map((_, i) => documents.child(at, keyword, i));
  }

  return { documents, demands, root: demands.one(documents.root), alternatives };
}

/** What a schema must not be says nothing about what it evaluates. */
function withoutAnnotations(it: Alternative): Alternative {
  if (it.kind !== "object") return it;
  return { ...it, groups: it.groups.map((group) => ({ ...group, evaluates: false })) };
}

/** Keywords that would change what is valid, and that nobody here knows how to keep. */
const refusedKeywords = ["disallow", "extends", "divisibleBy"];

function refuseUnknowns(at: Located): void {
  const schema = objectAt(at);
  const found = refusedKeywords.find((it) => schema[it] !== undefined);
  if (found !== undefined) throw unsupported(`${at.path}/${found}: this keyword of an old draft cannot be enforced.`);
}
