/**
 * What counts as a word and as a sentence. A word is what stands between white space. A sentence begins with the first
 * character behind the end of another: `.`, `!`, `?` or `…`, closing quotes and brackets, and white space. In Chinese and
 * Japanese no white space is needed; neither is it behind `!` and `?`, nor between "end.And", which no number or address looks
 * like. An abbreviation inside a sentence therefore counts as an end.
 */

import type { ByteAutomaton } from "../automaton.js";
import { regexLanguage } from "../language.js";

const closers = String.raw`[\])"'”’»」』）]`;
const ends = "[.!?…。！？]";

/** Texts that end with the first character of a word. */
export const wordBeginnings = once(() => {
  return regexLanguage("(?:[^]*\\s)?\\S", { whole: true });
});

/** Texts that end with the first character of a sentence. */
export const sentenceBeginnings = once(() => {
  const western = String.raw`[^]*[.!?…]${closers}*\s+`;
  const shouted = String.raw`[^]*[!?…]${closers}*[A-Za-zÀ-ÖØ-öø-ÿ]|[^]*[a-zß-öø-ÿ]\.${closers}*[A-ZÀ-ÖØ-Þ]`;
  const eastern = `[^]*[。！？]${closers}*`;
  return regexLanguage(String.raw`(?:\s*|${western})\S|${shouted}|${eastern}\s*[^\s.!?…。！？${closers.slice(1)}`, {
    whole: true,
  });
});

/** Texts that end where a sentence does. */
export const wholeSentences = once(() => {
  return regexLanguage(`[^]*${ends}${closers}*`, { whole: true });
});

/** Texts that do not end with white space. */
export const wholeWords = once(() => {
  return regexLanguage("[^]*\\S", { whole: true });
});

/** Automata are built when they are first asked for, and shared: what they learn of themselves serves all. */
function once(build: () => ByteAutomaton): () => ByteAutomaton {
  let built: ByteAutomaton | undefined;
  return () => (built ??= build());
}
