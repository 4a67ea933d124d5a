/**
 * A language of texts, written as a JSON string: in quotes, and with escapes where JSON asks for them. A character has one
 * spelling (that of JSON.stringify), except that a slash may be escaped and hexadecimal digits may be upper case.
 */

import { DEAD, type ByteAutomaton } from "./automaton.js";
import { REJECTED, type TaggedAutomaton } from "./product.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
/** Before the opening quote, and behind the closing one. Others: state of the language, times 8, and a phase. */
const START = 0;
const FIRST_INSIDE = 1 << 20;

const inText = 0;
const afterBackslash = 1;
/** After `\u`, `\u0`, `\u00`, `\u000` and `\u001`. */
const afterU = 2;
const afterU0 = 3;
const afterU00 = 4;
const afterU000 = 5;
const afterU001 = 6;

const shortEscapes: Readonly<Record<string, number>> = {
  '"': 0x22,
  "\\": 0x5c,
  "/": 0x2f,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
};
const escaped = new Map(Object.entries(shortEscapes).map(([letter, byte]) => [letter.charCodeAt(0), byte]));
const controls = Array.from({ length: FIRST_PRINTABLE }, (_, i) => i).filter((it) => ![8, 9, 10, 12, 13].includes(it));
/** Bytes that a byte of the text takes in a JSON string. */
const widths = Uint8Array.from({ length: 256 }, (_, byte) =>
  controls.includes(byte) ? 6 : byte < FIRST_PRINTABLE || byte === QUOTE || byte === BACKSLASH ? 2 : 1,
);

/** States up to FIRST_INSIDE are ends: 1 + tag. */
export function jsonString(text: ByteAutomaton | TaggedAutomaton): TaggedAutomaton {
  const tagOf = (state: number) => ("tag" in text ? text.tag(state) : text.accepts(state) ? 0 : REJECTED);
  const inside = (state: number, phase: number) => FIRST_INSIDE + state * 8 + phase;
  const step = (state: number, byte: number) => {
    const next = text.step(state, byte);
    return next === DEAD ? DEAD : inside(next, inText);
  };
  const canStep = (state: number, bytes: readonly number[]) => bytes.some((it) => text.step(state, it) !== DEAD);
  const firstHalf = controls.filter((it) => it < 16);
  const secondHalf = controls.filter((it) => 16 <= it);
  const when = (possible: boolean, state: number) => (possible ? state : DEAD);

  return {
    start: text.start === DEAD ? DEAD : START,
    step(at, byte) {
      if (at === START) return byte === QUOTE ? inside(text.start, inText) : DEAD;
      if (at < FIRST_INSIDE) return DEAD;
      const state = (at - FIRST_INSIDE) >> 3;
      switch ((at - FIRST_INSIDE) & 7) {
        case inText:
          if (byte === QUOTE) return tagOf(state) === REJECTED ? DEAD : 1 + tagOf(state);
          if (byte === BACKSLASH)
            return when(canStep(state, [...escaped.values(), ...controls]), inside(state, afterBackslash));
          return byte < FIRST_PRINTABLE ? DEAD : step(state, byte);
        case afterBackslash: {
          if (byte === 0x75) return when(canStep(state, controls), inside(state, afterU));
          const meant = escaped.get(byte);
          return meant === undefined ? DEAD : step(state, meant);
        }
        case afterU:
          return byte === 0x30 ? inside(state, afterU0) : DEAD;
        case afterU0:
          return byte === 0x30 ? inside(state, afterU00) : DEAD;
        case afterU00:
          if (byte === 0x30) return when(canStep(state, firstHalf), inside(state, afterU000));
          return byte === 0x31 ? when(canStep(state, secondHalf), inside(state, afterU001)) : DEAD;
        default: {
          const high = ((at - FIRST_INSIDE) & 7) === afterU000 ? 0 : 16;
          const digit = "0123456789abcdef".indexOf(String.fromCharCode(byte).toLowerCase());
          return digit < 0 || !controls.includes(high + digit) ? DEAD : step(state, high + digit);
        }
      }
    },
    tag: (at) => (at === START || FIRST_INSIDE <= at ? REJECTED : at - 1),
    free(at) {
      if (at < FIRST_INSIDE || ((at - FIRST_INSIDE) & 7) !== inText) return undefined;
      const found = text.free?.((at - FIRST_INSIDE) >> 3);
      return found && { ...found, inJson: true };
    },
    continues: (at) => at === START || FIRST_INSIDE <= at,
    shortest(at) {
      if (at === START) return 2 + written(text.start);
      if (at < FIRST_INSIDE) return 0;
      const state = (at - FIRST_INSIDE) >> 3;
      const phase = (at - FIRST_INSIDE) & 7;
      if (phase === inText) return 1 + written(state);
      // Inside an escape any end of it may have to do; each leads on to a known state.
      const ends = phase === afterBackslash ? [...escaped.values(), ...controls] : controls;
      const costs = ends.map((it) => text.step(state, it)).map((it) => (it === DEAD ? Infinity : 7 + written(it)));
      return phase === inText ? 0 : Math.max(...costs.filter((it) => it !== Infinity));
    },
  };

  /** No more bytes than a shortest text of the language takes when it is written; exact where nothing must be escaped. */
  function written(state: number): number {
    let total = 0;
    for (let at = state; ;) {
      const rest = text.shortest(at);
      if (rest === 0 || 4096 < rest) return total + rest * (rest === 0 ? 1 : 6);
      let best = -1;
      for (let byte = 0; byte < 256; byte++) {
        const to = text.step(at, byte);
        if (to === DEAD || rest - 1 < text.shortest(to)) continue;
        if (best === -1 || widths[byte]! < widths[best]!) best = byte;
      }
      if (best === -1) return total + rest * 6;
      total += widths[best]!;
      at = text.step(at, best);
    }
  }
}
