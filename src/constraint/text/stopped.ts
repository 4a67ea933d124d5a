/** A text that ends where a stop text begins: the stop text is written, and nothing after it. */

import { bytesOf, DEAD, type ByteAutomaton } from "../automaton.js";
import { anyLanguage, fromRegex } from "../language.js";
import { literalSet } from "../literals.js";
import { intersection, difference } from "../product.js";
import { anyText, literal, type Regex } from "../regex/syntax.js";

/**
 * Texts of `language` in which no stop text stands; and such texts with a stop text behind them, the first that comes. What
 * stands before the first stop text is in `language` in both cases.
 */
export function endingWith(language: ByteAutomaton, stops: readonly string[]): ByteAutomaton {
  return intersection([followedBy(language, ["", ...stops]), atMostAtTheEnd(stops)]);
}

/** Texts in which a stop text is complete at the end, or nowhere. */
function atMostAtTheEnd(stops: readonly string[]): ByteAutomaton {
  const items = stops.map(literal);
  const early: Regex = {
    kind: "sequence",
    items: [anyText, { kind: "either", items }, { kind: "set", ranges: [[0, 0x10ffff]] }, anyText],
  };
  return difference(anyLanguage, [fromRegex(early)]);
}

/** Texts of `language` with one of `endings` behind them: both are read along, in all ways at once. */
function followedBy(language: ByteAutomaton, endings: readonly string[]): ByteAutomaton {
  const tree = literalSet(endings);
  const least = Math.min(...endings.map((it) => bytesOf(it).length));
  /** [state of the language or DEAD, ...states of endings that have begun, in order]. */
  const ids = new Map<string, number>();
  const ways: (readonly number[])[] = [];
  const intern = ([own, ...begun]: readonly number[]): number => {
    const all = own !== DEAD && language.accepts(own!) ? [...begun, tree.start] : begun;
    if (own === DEAD && all.length === 0) return DEAD;
    const way = [own!, ...[...new Set(all)].sort((a, b) => a - b)];
    const key = way.join();
    let id = ids.get(key);
    if (id === undefined) ids.set(key, (id = ways.push(way) - 1));
    return id;
  };
  const start = language.start === DEAD ? DEAD : intern([language.start]);
  return {
    start,
    step(state, byte) {
      const [own, ...begun] = ways[state]!;
      const next = begun.map((it) => tree.step(it, byte)).filter((it) => it !== DEAD);
      return intern([own === DEAD ? DEAD : language.step(own!, byte), ...next]);
    },
    accepts: (state) => ways[state]!.slice(1).some((it) => tree.accepts(it)),
    continues(state) {
      const [own, ...begun] = ways[state]!;
      return (own !== DEAD && language.continues(own!)) || begun.some((it) => tree.continues(it));
    },
    leads(state) {
      const [own] = ways[state]!;
      return own === DEAD || 0 < least ? undefined : language.leads?.(own!);
    },
    shortest(state) {
      const [own, ...begun] = ways[state]!;
      const ofOwn = own === DEAD ? Infinity : language.shortest(own!) + least;
      return Math.min(ofOwn, ...begun.map((it) => tree.shortest(it)));
    },
  };
}
