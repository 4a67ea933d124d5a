// Syllables of words as English dictionaries divide them.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { countSyllables } from "../../../../src/lang/guide/measures/syllables.js";

/** Position in the list, from 1: the syllables. */
const known: readonly string[] = [
  `the be sea league made makes hoped played eyes eye friend called clothes through strengths year true toe build suit tried
   piece pier cat dog school thought knife judged worlds`,
  `people movement statement table houses tables wanted settled hundred careful quiet client science being trying going giant
   lion poet loyal player patient nation social special region something sometimes therefore lonely likely onion union million
   brilliant question language goodbye actor water allowed agreed lawyer beyond business naked money apple purple breathing`,
  `excitement settlement radio medium obvious idea area video museum actual usual influence audience opinion familiar easier
   happiest example beautiful important company completely however creator created anyone banana element continue
   delicious department elephant hospital arrangement involvement persuaded reaction animal tomato computer`,
  `vegetable experience situation information education society variety reality actually january technology available
   community geology activity criticism understanding material necessary biology television watermelon`,
  `university communication opportunity immediately organization imagination refrigerator`,
  `responsibility`,
];
const table = known.flatMap((words, i) => words.split(/\s+/).map((word) => ({ word, syllables: i + 1 })));

test("nine of ten words have as many syllables as the dictionary says", () => {
  const wrong = table.filter((it) => countSyllables(it.word) !== it.syllables);
  assert.ok(60 <= table.length);
  assert.ok(wrong.length <= table.length / 10, `wrong: ${wrong.map((it) => it.word).join(" ")}`);
});

test("accents, capitals and apostrophes do not change what is counted", () => {
  assert.equal(countSyllables("café"), 2);
  assert.equal(countSyllables("fiancée"), 3);
  assert.equal(countSyllables("TABLE"), 2);
  assert.equal(countSyllables("it's"), 1);
});

test("whatever is counted has at least one syllable, and no more than letters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (word) => {
      const n = countSyllables(word);
      assert.ok(Number.isInteger(n) && 1 <= n && n <= Math.max(1, 2 * word.length));
    }),
  );
});

test("a word without end takes no time", () => {
  assert.ok(countSyllables("e".repeat(1_000_000)) < 50);
});
