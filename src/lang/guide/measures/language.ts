/** Which language a text is written in, by tinyld's n-grams (https://github.com/komodojp/tinyld, its light profile). */

import { detectAll } from "tinyld/light";

import { languages, type LanguageCode } from "../presets.js";
import { countWords } from "./counts.js";

export interface DetectedLanguage {
  readonly language: LanguageCode;
  /** tinyld's: from 0 to 1, for comparing languages of one text; 0.1 can be a clear case. */
  readonly accuracy: number;
}

const FEWEST_WORDS = 3;
/** Their writing has no spaces; a letter counts as a word. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;

/** Undefined for texts of less than three words, which could be many, and for what has no letters. */
export function measureLanguage(text: string): DetectedLanguage | undefined {
  return possibleLanguages(text)[0];
}

/** The likeliest first; none where {@link measureLanguage} is undefined. */
export function possibleLanguages(text: string): readonly DetectedLanguage[] {
  const letters = text.match(unspaced)?.length ?? 0;
  if (Math.max(countWords(text), letters) < FEWEST_WORDS) return [];
  return detectAll(text).flatMap(({ lang, accuracy }) => {
    const known = languages.find((it) => it.code === lang);
    return known === undefined ? [] : [{ language: known.code, accuracy }];
  });
}
