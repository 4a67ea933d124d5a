/** Measures by the names that users call them by; each makes one number of a text. */

import { countSentences, countWords } from "./counts.js";
import { englishWords } from "./englishWords.js";
import { measureFormality } from "./formality.js";
import { possibleLanguages } from "./language.js";
import { measureReadability } from "./readability.js";
import { measureSentiment } from "./sentiment.js";

export interface NamedMeasure {
  readonly name: string;
  /** What a larger number means. */
  readonly meaning: string;
  /** Undefined for a text that has nothing to measure. */
  measure(text: string): number | undefined;
}

const fixed: readonly NamedMeasure[] = [
  {
    name: "sentiment",
    meaning: "part of the words of praise or blame that are praise",
    measure: (text) => measureSentiment(text).score,
  },
  {
    name: "positive",
    meaning: "words of praise in 100 words",
    measure: (text) => share(measureSentiment(text).positive, text),
  },
  {
    name: "negative",
    meaning: "words of blame in 100 words",
    measure: (text) => share(measureSentiment(text).negative, text),
  },
  {
    name: "formality",
    meaning: "formal markers against informal ones, 0 to 1",
    measure: (text) => measureFormality(text).score,
  },
  { name: "ease", meaning: "Flesch reading ease", measure: (text) => measureReadability(text)?.ease },
  { name: "grade", meaning: "years of school that a reader needs", measure: (text) => measureReadability(text)?.grade },
  { name: "words", meaning: "words", measure: countWords },
  { name: "sentences", meaning: "sentences", measure: countSentences },
  { name: "repetition", meaning: "part of the words that stood in the text before", measure: repetition },
];

export const measureNames: readonly string[] = [...fixed.map((it) => it.name), "language:CODE", "count:TEXT"];

/** Undefined for a name that is none of {@link measureNames}. */
export function namedMeasure(name: string): NamedMeasure | undefined {
  const [, kind, value] = /^(language|count):(.+)$/s.exec(name) ?? [];
  if (kind === "language") return languageMeasure(name, value!);
  if (kind === "count") return countMeasure(name, value!);
  return fixed.find((it) => it.name === name);
}

function languageMeasure(name: string, code: string): NamedMeasure {
  return {
    name,
    meaning: `texts whose language is ${code}`,
    measure: (text) => {
      const [likeliest] = possibleLanguages(text);
      return likeliest && (likeliest.language === code ? 1 : 0);
    },
  };
}

/** Whole words, whatever their case. */
function countMeasure(name: string, wanted: string): NamedMeasure {
  const literal = wanted.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "giu");
  return {
    name,
    meaning: `how often "${wanted}" stands in a text`,
    measure: (text) => text.match(pattern)?.length ?? 0,
  };
}

/** From 0 (every word is new) to nearly 1 (the same word again and again). */
function repetition(text: string): number | undefined {
  const words = englishWords(text);
  return words.length === 0 ? undefined : 1 - new Set(words).size / words.length;
}

function share(found: number, text: string): number | undefined {
  const words = englishWords(text).length;
  return words === 0 ? undefined : (100 * found) / words;
}
