/** A schema as parts of a machine: values call what stands inside of them. */

import { jsonString } from "../jsonString.js";
import { literalSet } from "../literals.js";
import type { Call, CallingPart, FlatPart, Part } from "../machine.js";
import { unsupported } from "../refuse.js";
import { tagged, type TaggedAutomaton } from "../product.js";
import type { Alternative, StringAlternative } from "./alternatives.js";
import { arrayPart } from "./arrayPart.js";
import type { Demands } from "./demands.js";
import type { SchemaReader } from "./expand.js";
import { numberAutomaton } from "./number.js";
import { objectPart } from "./objectPart.js";
import type { PartsContext } from "./partsContext.js";
import { createSizes, languageOf, numberText } from "./sizes.js";

/** More different places than this in one schema take too long. */
const MOST_PLACES = 20_000;

/** The machine of a whole schema. Everything is looked at now: what cannot be enforced is refused before anything is written. */
export function schemaPart(reader: SchemaReader, { spaces }: { readonly spaces: boolean }): Part {
  const values = new Map<Demands, Part>();
  const open: (() => unknown)[] = [];
  const flats = new Map<string, FlatPart>();
  let calls = 0;
  const context: PartsContext = {
    reader,
    sizes: createSizes(reader),
    spaces,
    newCall: (part, resume, rest) => ({ id: calls++, part, resume, rest }),
    valuePart(demands) {
      let part = values.get(demands);
      if (part === undefined) values.set(demands, (part = anyOf(demands)));
      return part;
    },
  };
  const root = context.valuePart(reader.root);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    next();
    if (MOST_PLACES < values.size) throw unsupported(`The schema has more than ${MOST_PLACES} different places.`);
  }
  return root;

  /** Texts that are listed one by one in several alternatives are one list. */
  function withListed(all: readonly Alternative[], it: Alternative): readonly Alternative[] {
    const last = all.at(-1);
    const isListed = (one: Alternative | undefined) => one?.kind === "string" && one.texts !== undefined;
    if (last?.kind !== "string" || it.kind !== "string" || !isListed(last) || !isListed(it)) return [...all, it];
    return [...all.slice(0, -1), { ...it, texts: [...new Set([...last.texts!, ...it.texts!])] }];
  }

  /** One of the alternatives; they are worked out later, because schemas refer to themselves. */
  function anyOf(demands: Demands): CallingPart {
    let found: readonly Call[] | undefined;
    const alternatives = () =>
      (found ??= reader
        .alternatives(demands)
        .reduce(withListed, [])
        .filter((it) => context.sizes.ofAlternative(it) < Infinity)
        .map((it) => context.newCall(partOf(it), () => 1, 0)));
    open.push(alternatives);
    return {
      kind: "calling",
      start: 0,
      step: () => [],
      calls: (state) => (state === 0 ? alternatives() : []),
      accepts: (state) => state === 1,
      reads: () => false,
      shortest: (state) => (state === 0 ? context.sizes.of(demands) : 0),
    };
  }

  function partOf(it: Alternative): Part {
    switch (it.kind) {
      case "null":
        return shared("null", () => literalSet(["null"]));
      case "boolean":
        return shared(`boolean ${it.values.join()}`, () => literalSet(it.values.map(String)));
      case "number":
        return shared(JSON.stringify(it, plainNumbers), () =>
          it.values === undefined ? tagged(numberAutomaton(it)) : literalSet(it.values.map(numberText)),
        );
      case "string":
        return stringPart(it);
      case "array":
        return arrayPart(context, it);
      case "object":
        return objectPart(context, it);
      default:
        return it satisfies never;
    }
  }

  function shared(key: string, make: () => TaggedAutomaton): FlatPart {
    let part = flats.get(key);
    if (part === undefined) flats.set(key, (part = { kind: "flat", automaton: make() }));
    return part;
  }

  function stringPart(it: StringAlternative): FlatPart {
    const { texts, min, max, languages, excluded } = it;
    if (texts !== undefined)
      return shared(`texts ${JSON.stringify(texts)}`, () => literalSet(texts.map((text) => JSON.stringify(text))));
    const key = JSON.stringify(["string", min, String(max), languages.map((one) => one.key), excluded]);
    return shared(key, () => jsonString(languageOf(it)));
  }
}

function plainNumbers(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
