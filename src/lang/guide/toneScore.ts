/**
 * How well an English text keeps a tone. The tones are measured by their plain signs, the words and marks on the page: what a text
 * means is not understood. The thresholds are our own, set so that the examples of the tests fall on the right side.
 */

import { count } from "../../base/count.js";
import { countSentences } from "./measures/counts.js";
import { englishWords } from "./measures/englishWords.js";
import { measureFormality } from "./measures/formality.js";
import { measureReadability } from "./measures/readability.js";
import { measureSentiment } from "./measures/sentiment.js";
import { clamped, type PresetScore } from "./presetScore.js";
import type { ToneId } from "./presets.js";

/** The text has at least one word. */
const scores: Readonly<Record<ToneId, (text: string) => PresetScore>> = {
  formal: formalScore,
  friendly: friendlyScore,
  plain: plainScore,
  enthusiastic: enthusiasticScore,
  "matter-of-fact": matterOfFactScore,
};

export function toneScore(tone: ToneId, text: string): PresetScore {
  if (englishWords(text).length === 0) return { result: "no words", score: 0, passed: false };
  return scores[tone](text);
}

/** One nominalization without anything informal has 0.6, one connector or passive 0.67. */
const FORMAL = 0.6;
/** What is not that formal is not informal either, down to here. */
const INFORMAL = 0.4;

function formalScore(text: string): PresetScore {
  const { score } = measureFormality(text);
  const word = FORMAL <= score ? "formal" : score <= INFORMAL ? "informal" : "neutral";
  return { result: `${word}, ${score.toFixed(2)}`, score, passed: FORMAL <= score };
}

/** Positive words alone have 0.71: something personal or informal must come with them. */
const FRIENDLY = 0.75;

/** The geometric mean, since neither praise in an official letter nor slang without kindness is friendly. */
function friendlyScore(text: string): PresetScore {
  const { positive, negative, score: kindness } = measureSentiment(text);
  const { informal, formal, score: formality } = measureFormality(text);
  const score = Math.sqrt(kindness * (1 - formality));
  const words = `${positive} positive and ${count(negative, "negative word")}`;
  const markers = `${informal} personal or informal and ${count(formal, "formal marker")}`;
  return { result: `${words}, ${markers}`, score, passed: FRIENDLY <= score };
}

/** R. Flesch, "The Art of Readable Writing" (1949): from here on a text is plain English. */
const PLAIN_EASE = 60;

function plainScore(text: string): PresetScore {
  const ease = measureReadability(text)?.ease ?? 0;
  return { result: `reading ease ${ease.toFixed(0)}`, score: clamped(ease / 100), passed: PLAIN_EASE <= ease };
}

/** Praise in every sentence and one exclamation among five sentences are enough; praise or exclamations alone are not. */
const ENTHUSIASTIC = 0.6;
/** Exclamation marks in each sentence that fully meet the tone. */
const EXCLAMATIONS = 0.5;

function enthusiasticScore(text: string): PresetScore {
  const sentences = Math.max(1, countSentences(text));
  const { positive, score: kindness } = measureSentiment(text);
  const exclamations = countExclamations(text);
  const praise = Math.min(1, positive / sentences) * kindness;
  const score = (praise + Math.min(1, exclamations / sentences / EXCLAMATIONS)) / 2;
  const result = `${count(positive, "positive word")} and ${count(exclamations, "exclamation mark")} in ${count(sentences, "sentence")}`;
  return { result, score, passed: ENTHUSIASTIC <= score };
}

/** Six words of praise or blame among a hundred, or one in a short text, are the most. */
const MATTER_OF_FACT = 0.7;
/** A shorter text is taken as one of so many words: one word of praise should not decide. */
const SHORT_TEXT_WORDS = 20;
/** The share of words of praise and blame from which on nothing matter-of-fact is left. */
const MOST_OPINION = 0.2;

function matterOfFactScore(text: string): PresetScore {
  const { positive, negative } = measureSentiment(text);
  const exclamations = countExclamations(text);
  const opinion = (positive + negative) / Math.max(SHORT_TEXT_WORDS, englishWords(text).length);
  const score = clamped(1 - opinion / MOST_OPINION) / (1 + exclamations);
  const result = `${count(positive + negative, "word")} of praise or blame, ${count(exclamations, "exclamation mark")}`;
  return { result, score, passed: MATTER_OF_FACT <= score };
}

function countExclamations(text: string): number {
  return text.match(/!/g)?.length ?? 0;
}
