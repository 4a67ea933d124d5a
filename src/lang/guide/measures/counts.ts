/** Words, sentences and characters of a text, counted as limits count them (constraint/text/units.ts says what each is). */

import { acceptsText, bytesOf, type ByteAutomaton } from "../../../constraint/automaton.js";
import { sentenceBeginnings, wholeSentences, wordBeginnings } from "../../../constraint/text/units.js";

/** What stands between white space. */
export function countWords(text: string): number {
  return countBeginnings(wordBeginnings(), text);
}

/** Sentences that were begun: the last one need not have ended. */
export function countSentences(text: string): number {
  return countBeginnings(sentenceBeginnings(), text);
}

/** Code points. */
export function countCharacters(text: string): number {
  return [...text].length;
}

/** Whether the text ends where a sentence does; one without sentences does not. */
export function endsSentence(text: string): boolean {
  return acceptsText(wholeSentences(), text);
}

/** How often `beginnings`, which accepts the texts that end with the first character of a unit, accepts what was read. */
function countBeginnings(beginnings: ByteAutomaton, text: string): number {
  let state = beginnings.start;
  let count = 0;
  for (const byte of bytesOf(text)) {
    state = beginnings.step(state, byte);
    if (beginnings.accepts(state)) count++;
  }
  return count;
}
