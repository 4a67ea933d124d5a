// Reading ease and grade, against values that were computed by hand from the formulas.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { measureReadability } from "../../../../src/lang/guide/measures/readability.js";

/** Ease and grade follow from words, sentences and syllables, which are given to check them by hand. */
const known: readonly (readonly [text: string, ease: number, grade: number])[] = [
  // 6 words, 1 sentence, 6 syllables: 206.835 - 6.09 - 84.6 and 2.34 + 11.8 - 15.59
  ["The cat sat on the mat.", 116.145, -1.45],
  // 4 words, 2 sentences, 8 syllables: 206.835 - 2.03 - 169.2 and 0.78 + 23.6 - 15.59
  ["Careful people. Quiet tables.", 35.605, 8.79],
  // 5 words, for "42" is not spoken, 1 sentence, 10 syllables: 206.835 - 5.075 - 169.2 and 1.95 + 23.6 - 15.59
  ["Information about 42 well-known dogs shone.", 32.56, 9.96],
];
for (const [text, ease, grade] of known)
  test(`"${text}" has the ease and the grade of the formulas`, () => {
    const found = measureReadability(text)!;
    assert.ok(Math.abs(found.ease - ease) < 1e-9, `ease ${found.ease}`);
    assert.ok(Math.abs(found.grade - grade) < 1e-9, `grade ${found.grade}`);
  });

for (const text of ["", "  \n", "42 - 17", "🙂!"])
  test(`${JSON.stringify(text)} has no words to read`, () => assert.equal(measureReadability(text), undefined));

test("long words in long sentences are harder than short ones", () => {
  const easy = measureReadability("We ate. The sun was hot. Tom ran home.")!;
  const hard = measureReadability(
    "Institutional considerations necessitate comprehensive investigations of expenditure.",
  )!;
  assert.ok(hard.ease < easy.ease && easy.grade < hard.grade);
});

test("whatever is read has finite numbers or none", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const found = measureReadability(text);
      assert.ok(found === undefined || (Number.isFinite(found.ease) && Number.isFinite(found.grade)));
    }),
  );
});
