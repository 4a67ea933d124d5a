/**
 * Words of praise and of blame in an English text. The lexicon is our own; a negation up to three words before turns a word
 * around, as in C. J. Hutto and E. Gilbert, "VADER", ICWSM 2014, but not across punctuation (S. Das and M. Chen, 2001).
 */

import { englishWords } from "./englishWords.js";
import { negativeWords, neutralWords, positiveWords } from "./sentimentWords.js";

export interface Sentiment {
  /** Words. */
  readonly positive: number;
  readonly negative: number;
  /** From 0 (only negative words) to 1 (only positive ones), 0.5 without either. */
  readonly score: number;
}

const NEGATION_REACH = 3;
const negations = new Set(
  "no not never none nobody nothing neither nor without hardly barely cannot lack lacks".split(" "),
);

export function measureSentiment(text: string): Sentiment {
  const polarities = text.split(/[.,;:!?…\n()]|\bbut\b/u).flatMap((it) => polaritiesOf(englishWords(it)));
  const positive = polarities.filter((it) => it === 1).length;
  const negative = polarities.filter((it) => it === -1).length;
  const all = positive + negative;
  return { positive, negative, score: all === 0 ? 0.5 : positive / all };
}

/** Of the words of one clause. */
function polaritiesOf(words: readonly string[]): readonly number[] {
  return words.map((word, i) => {
    const isNegated = words.slice(Math.max(0, i - NEGATION_REACH), i).some(isNegation);
    return isNegated ? -polarityOf(word) : polarityOf(word);
  });
}

function isNegation(word: string, i: number, words: readonly string[]): boolean {
  return (negations.has(word) && words[i + 1] !== "only") || word.endsWith("n't");
}

function polarityOf(word: string): -1 | 0 | 1 {
  if (neutralWords.has(word)) return 0;
  for (const form of baseForms(word)) {
    if (positiveWords.has(form)) return 1;
    if (negativeWords.has(form)) return -1;
  }
  return 0;
}

/** A word's ending, and what a dictionary may have instead; the word itself is asked first. */
const endings: readonly (readonly [ending: RegExp, instead: string])[] = [
  [/'s$/, ""],
  [/s$/, ""], // charms
  [/es$/, ""], // losses
  [/ie(?:s|d|r|st)$/, "y"], // worries, happier
  [/(?:ed|ing|er|est)$/, ""], // failing, kindest
  [/(?:ed|ing|er|est)$/, "e"], // hated, nicest
  [/(.)\1(?:ed|ing|er|est)$/, "$1"], // sadder
  [/ly$/, ""], // badly
  [/ly$/, "le"], // terribly
  [/ily$/, "y"], // happily
];

function baseForms(word: string): readonly string[] {
  return [word, ...endings.filter(([it]) => it.test(word)).map(([it, instead]) => word.replace(it, instead))];
}
