/** How easily an English text is read, by the lengths of its words and sentences. */

import { countSentences } from "./counts.js";
import { englishWords } from "./englishWords.js";
import { countSyllables } from "./syllables.js";

export interface Readability {
  /**
   * Flesch reading ease: 60 to 70 is plain English, 90 is very easy, less than 30 very hard; neither end is fixed.
   * R. Flesch, "A new readability yardstick", Journal of Applied Psychology 32 (1948), 221-233.
   */
  readonly ease: number;
  /**
   * Flesch-Kincaid grade: years of school in the United States that a reader needs; negative for the very easiest.
   * J. P. Kincaid et al., "Derivation of new readability formulas", Research Branch Report 8-75, Naval Technical Training
   * (1975).
   */
  readonly grade: number;
}

/** Undefined for a text without words. Items of a list that do not end with a period count as one sentence. */
export function measureReadability(text: string): Readability | undefined {
  const words = text.split(/\s+/u).map(englishWords);
  const spoken = words.filter((parts) => 0 < parts.length); // "42" and "-" are not
  if (spoken.length === 0) return undefined;
  const syllables = spoken.flat().reduce((sum, it) => sum + countSyllables(it), 0);
  const perSentence = spoken.length / Math.max(1, countSentences(text));
  const perWord = syllables / spoken.length;
  return {
    ease: 206.835 - 1.015 * perSentence - 84.6 * perWord,
    grade: 0.39 * perSentence + 11.8 * perWord - 15.59,
  };
}
