// Markers of formal and informal style.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { measureFormality } from "../../../../src/lang/guide/measures/formality.js";

const marked: readonly (readonly [text: string, formal: number, informal: number])[] = [
  ["", 0, 0],
  ["The cat sat on the mat.", 0, 0],
  ["It doesn't work.", 0, 1],
  ["It doesn’t work.", 0, 1],
  ["It's here and they'll stay.", 0, 2],
  ["The dog's bone", 0, 0],
  ["Hey dude", 0, 2],
  ["They do. Okay, no way.", 0, 2],
  ["Stop! Now!", 0, 2],
  ["Done 🙂", 0, 1],
  ["Done ❤️", 0, 1],
  ["Done © 2020 #7", 0, 0],
  ["Done :-)", 0, 1],
  ["I know you.", 0, 2],
  ["Therefore they left; however, she stayed.", 2, 0],
  ["In accordance\nwith the law", 1, 0],
  ["Please be advised of this. Kind regards", 2, 0],
  ["The letter was carefully written.", 1, 0],
  ["She was excited and tired.", 0, 0],
  ["A consideration of goodness", 2, 0],
  ["The station at this moment", 0, 0],
];
for (const [text, formal, informal] of marked)
  test(`${JSON.stringify(text)} has ${formal} formal and ${informal} informal markers`, () => {
    const found = measureFormality(text);
    assert.deepEqual({ formal: found.formal, informal: found.informal }, { formal, informal });
  });

test("a text without markers is in the middle", () => {
  assert.equal(measureFormality("The cat sat on the mat.").score, 0.5);
  assert.equal(measureFormality("").score, 0.5);
});

test("one marker moves the score to a third or two, a pronoun less", () => {
  assert.equal(measureFormality("Therefore it rains.").score, 2 / 3);
  assert.equal(measureFormality("Yeah, it rains.").score, 1 / 3);
  assert.equal(measureFormality("They saw us.").score, 0.4);
});

test("another marker always moves the score to its side", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const { score } = measureFormality(text);
      assert.ok(score < measureFormality(`${text} Therefore.`).score);
      assert.ok(measureFormality(`${text} Yeah.`).score < score);
    }),
  );
});

test("the score of whatever text lies between 0 and 1", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { score } = measureFormality(text);
      assert.ok(0 <= score && score <= 1);
    }),
  );
});
