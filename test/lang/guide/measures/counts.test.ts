// Words, sentences and characters are counted as the constraints count them.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { acceptsText } from "../../../../src/constraint/automaton.js";
import { textLanguage } from "../../../../src/constraint/text/limits.js";
import {
  countCharacters,
  countSentences,
  countWords,
  endsSentence,
} from "../../../../src/lang/guide/measures/counts.js";

const counted: readonly (readonly [
  text: string,
  words: number,
  sentences: number,
  characters: number,
  ends: boolean,
])[] = [
  ["", 0, 0, 0, false],
  [" \n", 0, 0, 2, false],
  ["One", 1, 1, 3, false],
  ["One. Two!", 2, 2, 9, true],
  ["It costs 3.50 today.", 4, 1, 20, true],
  ["He said “Go!” and left.", 5, 2, 23, true],
  ["end.And on", 2, 2, 10, false],
  ["行く。来る。", 1, 2, 6, true],
  ["🙂 ok.", 2, 1, 5, true],
  ["(Really?) Yes", 2, 2, 13, false],
];
for (const [text, words, sentences, characters, ends] of counted)
  test(`${JSON.stringify(text)} has words, sentences and characters, and ends ${ends ? "" : "not "}as a sentence`, () => {
    assert.equal(countWords(text), words, "words");
    assert.equal(countSentences(text), sentences, "sentences");
    assert.equal(countCharacters(text), characters, "characters");
    assert.equal(endsSentence(text), ends);
  });

const pieces = fc.array(fc.constantFrom("a", "B", "é", "🙂", ".", "!", " ", "\n", '"', "。", "7", "word"), {
  maxLength: 12,
});

test("so many words and sentences are what a constraint of just so many accepts", () => {
  fc.assert(
    fc.property(
      pieces.map((it) => `${it.join("")}x.`),
      (text) => {
        const exactly = (n: number) => ({ min: n, max: n });
        const limits = { words: exactly(countWords(text)), sentences: exactly(countSentences(text)) };
        assert.ok(acceptsText(textLanguage(limits), text));
        assert.ok(!acceptsText(textLanguage({ words: exactly(countWords(text) + 1) }), text));
        assert.ok(!acceptsText(textLanguage({ sentences: exactly(countSentences(text) + 1) }), text));
      },
    ),
    { numRuns: 50 },
  );
});
