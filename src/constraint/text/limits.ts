/** Text within limits: how long it is, how it begins and ends, what it holds and what it does not. */

import { DEAD, type ByteAutomaton } from "../automaton.js";
import { anyLanguage, fromRegex, lengthLanguage } from "../language.js";
import { difference, intersection } from "../product.js";
import { invalid } from "../refuse.js";
import { caseFolded } from "../regex/caseFolded.js";
import { anyText, literal, type Regex } from "../regex/syntax.js";
import type { Bounds, TextLimits } from "../../protocol/constraint.js";
import { countedLanguage } from "./counted.js";
import { sentenceBeginnings, wholeSentences, wholeWords, wordBeginnings } from "./units.js";

/** Throws `constraint-invalid` for limits that no text keeps. */
export function textLanguage(limits: TextLimits): ByteAutomaton {
  const { chars, words, sentences, startsWith, endsWith, include = [], avoid = [], visibleStart = false } = limits;
  const parts: ByteAutomaton[] = [];
  if (chars !== undefined) parts.push(lengthLanguage(...bounds("chars", chars)));
  // Each with its own end, so that what can come of it is known before all are combined.
  if (words !== undefined)
    parts.push(intersection([countedLanguage(wordBeginnings(), ...bounds("words", words)), wholeWords()]));
  if (sentences !== undefined)
    parts.push(
      intersection([countedLanguage(sentenceBeginnings(), ...bounds("sentences", sentences)), wholeSentences()]),
    );
  if (startsWith !== undefined) parts.push(fromRegex(sequence(literal(startsWith), anyText)));
  if (endsWith !== undefined) parts.push(fromRegex(sequence(anyText, literal(endsWith))));
  for (const it of include) parts.push(fromRegex(sequence(anyText, literal(it), anyText)));
  if (0 < avoid.length) parts.push(difference(anyLanguage, [holding(avoid)]));
  const kept = parts.length === 0 ? anyLanguage : intersection(parts);
  return visibleStart ? withoutBlankBefore(kept) : kept;
}

function bounds(key: string, { min = 0, max = Infinity }: Bounds): [min: number, max: number] {
  if (min <= max) return [min, max];
  throw invalid(`\`${key}\` asks for at least ${min} and at most ${max}, which no text keeps.`);
}

/** Texts in which one of these stands, whatever its case. */
function holding(texts: readonly string[]): ByteAutomaton {
  const any: Regex = { kind: "either", items: texts.map((it) => caseFolded(literal(it))) };
  return fromRegex(sequence(anyText, any, anyText));
}

function sequence(...items: readonly Regex[]): Regex {
  return { kind: "sequence", items };
}

const blanks = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20]);

/** The same texts, without those that begin with white space of ASCII. States are moved by one: 0 is the beginning. */
function withoutBlankBefore(language: ByteAutomaton): ByteAutomaton {
  const { start } = language;
  const inner = (state: number) => (state === 0 ? start : state - 1);
  return {
    start: start === DEAD ? DEAD : 0,
    step(state, byte) {
      if (state === 0 && blanks.has(byte)) return DEAD;
      const to = language.step(inner(state), byte);
      return to === DEAD ? DEAD : to + 1;
    },
    accepts: (state) => language.accepts(inner(state)),
    continues: (state) => language.continues(inner(state)),
    shortest: (state) => language.shortest(inner(state)),
    leads: (state) => language.leads?.(inner(state)),
    free: (state) => (state === 0 ? undefined : language.free?.(state - 1)),
  };
}
