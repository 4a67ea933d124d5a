/** Whether a text is as long as asked for, counted and judged as the constraint of the same limits does. */

import { count } from "../../base/count.js";
import type { Bounds, TextLimits } from "../../protocol/constraint.js";
import { countCharacters, countSentences, countWords, endsSentence } from "./measures/counts.js";
import type { PresetScore } from "./presetScore.js";

const units = [
  { key: "sentences", noun: "sentence", countIn: countSentences },
  { key: "words", noun: "word", countIn: countWords },
  { key: "chars", noun: "character", countIn: countCharacters },
] as const;

/** "2 to 4 sentences, at most 50 words". Undefined when no length is asked for. */
export function lengthTarget(limits: TextLimits): string | undefined {
  const targets = units.flatMap(({ key, noun }) => {
    const asked = limits[key];
    return asked === undefined ? [] : [boundsInWords(asked, noun)];
  });
  return targets.length === 0 ? undefined : targets.join(", ");
}

function boundsInWords({ min = 0, max }: Bounds, noun: string): string {
  if (max === undefined) return `at least ${count(min, noun)}`;
  if (min === max) return count(max, noun);
  return min === 0 ? `at most ${count(max, noun)}` : `${min} to ${count(max, noun)}`;
}

/** What is left of the score of a text that was broken off inside of a sentence. */
const UNFINISHED = 0.5;

/** White space around the text does not count. The score is that of the limit that is kept worst. */
export function lengthScore(limits: TextLimits, text: string): PresetScore {
  const trimmed = text.trim();
  const asked = units.filter(({ key }) => limits[key] !== undefined);
  const counted = asked.map((it) => ({ ...it, n: it.countIn(trimmed) }));
  // The constraints of sentences and words want something to be written, even where none is the least.
  const isMissing = trimmed === "" && (limits.sentences !== undefined || limits.words !== undefined);
  const isUnfinished = !isMissing && limits.sentences !== undefined && !endsSentence(trimmed);
  const kept = Math.min(1, ...counted.map(({ key, n }) => boundsScore(limits[key]!, n)));
  const found = counted.map(({ n, noun }) => count(n, noun));
  if (isUnfinished) found.push("the last sentence does not end");
  const score = isMissing ? 0 : kept * (isUnfinished ? UNFINISHED : 1);
  return { result: found.join(", "), score, passed: score === 1 };
}

/** 1 within the bounds, else the smaller part of what is there and what was asked for. */
function boundsScore({ min = 0, max = Infinity }: Bounds, n: number): number {
  if (n < min) return n / min;
  return n <= max ? 1 : Math.max(0, max) / n;
}
