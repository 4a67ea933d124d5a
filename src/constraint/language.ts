/** Sets of texts, by what JSON Schema and holes say of strings. Built once for each description and shared. */

import { DEAD, type ByteAutomaton } from "./automaton.js";
import { difference, intersection } from "./product.js";
import { lazyDfa } from "./regex/dfa.js";
import { toNfa } from "./regex/nfa.js";
import { parseRegex, searched } from "./regex/parse.js";
import type { Regex } from "./regex/syntax.js";

/** Texts of UTF-8 without further demands. */
export const anyLanguage = lengthLanguage(0, Infinity);

export function fromRegex(regex: Regex): ByteAutomaton {
  return lazyDfa(toNfa(regex));
}

/**
 * Texts in which JavaScript would find the expression; with `whole`, those that it matches from end to end. Throws
 * `constraint-invalid` and `constraint-unsupported`.
 */
export function regexLanguage(source: string, { whole }: { readonly whole: boolean }): ByteAutomaton {
  const { body, ahead } = parseRegex(source);
  const own = fromRegex(
    searched(whole ? { kind: "sequence", items: [{ kind: "begin" }, body, { kind: "end" }] } : body),
  );
  const required = ahead.filter((it) => !it.negated).map((it) => fromRegex(searched(it.body)));
  const forbidden = ahead.filter((it) => it.negated).map((it) => fromRegex(searched(it.body)));
  const both = intersection([own, ...required]);
  return forbidden.length === 0 ? both : difference(both, forbidden);
}

/** Texts of `min` to `max` characters (code points). */
export function lengthLanguage(min: number, max: number): ByteAutomaton {
  // State: the characters that are complete, times 16, and what is missing of the one that is not.
  const enough = Math.min(max, min);
  // Without an upper end, what comes after enough characters need not be counted.
  const counted = (count: number) => (max === Infinity ? Math.min(count, enough) : count);
  const state = (count: number, missing: number) => counted(count) * 16 + missing;
  return {
    start: min <= max ? 0 : DEAD,
    step(from, byte) {
      const count = from >> 4;
      const missing = from & 15;
      if (missing !== 0) return nextOfCharacter(count, missing, byte);
      if (max <= count && max !== Infinity) return DEAD;
      if (byte < 0x80) return state(count + 1, 0);
      const begun = beginsCharacter(byte);
      return begun === undefined ? DEAD : count * 16 + begun;
    },
    accepts: (at) => (at & 15) === 0 && min <= at >> 4,
    continues: (at) => (at & 15) !== 0 || at >> 4 < max,
    free: (at) =>
      (at & 15) === 0
        ? { need: Math.max(0, min - (at >> 4)), room: max - (at >> 4), tag: 0, inJson: false }
        : undefined,
    shortest: (at) => bytesMissing[at & 15]! + Math.max(0, min - (at >> 4) - ((at & 15) === 0 ? 0 : 1)),
  };

  function nextOfCharacter(count: number, missing: number, byte: number): number {
    const next = continuesCharacter(missing, byte);
    if (next === undefined) return DEAD;
    return next === 0 ? state(count + 1, 0) : count * 16 + next;
  }
}

/** Where inside a character of several bytes a text stands: 1 to 3 bytes of any value missing, or a narrower second byte. */
const narrow = { e0: 4, ed: 5, f0: 6, f4: 7 } as const;
const bytesMissing: Readonly<Record<number, number>> = { 0: 0, 1: 1, 2: 2, 3: 3, 4: 2, 5: 2, 6: 3, 7: 3 };

function beginsCharacter(byte: number): number | undefined {
  if (byte < 0xc2) return undefined;
  if (byte < 0xe0) return 1;
  if (byte === 0xe0) return narrow.e0;
  if (byte === 0xed) return narrow.ed;
  if (byte < 0xf0) return 2;
  if (byte === 0xf0) return narrow.f0;
  if (byte < 0xf4) return 3;
  return byte === 0xf4 ? narrow.f4 : undefined;
}

function continuesCharacter(missing: number, byte: number): number | undefined {
  if (byte < 0x80 || 0xbf < byte) return undefined;
  switch (missing) {
    case narrow.e0:
      return byte < 0xa0 ? undefined : 1;
    case narrow.ed:
      return byte < 0xa0 ? 1 : undefined;
    case narrow.f0:
      return byte < 0x90 ? undefined : 2;
    case narrow.f4:
      return byte < 0x90 ? 2 : undefined;
    default:
      return missing - 1;
  }
}
