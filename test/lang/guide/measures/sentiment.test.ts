// Words of praise and blame, their inflections, and what a negation does.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { measureSentiment } from "../../../../src/lang/guide/measures/sentiment.js";
import { neutralWords, negativeWords, positiveWords } from "../../../../src/lang/guide/measures/sentimentWords.js";

const judged: readonly (readonly [text: string, positive: number, negative: number])[] = [
  ["", 0, 0],
  ["The table has four legs.", 0, 0],
  ["A good book", 1, 0],
  ["A GOOD book", 1, 0],
  ["An awful, boring book", 0, 2],
  ["A good start and a bad end", 1, 1],
  // inflections
  ["She charms, charmed and is charming.", 3, 0],
  ["Happier, happiest, happily", 3, 0],
  ["Nicest", 1, 0],
  ["He hated and hates hating", 0, 3],
  ["Sadder worries, terribly losing", 0, 4],
  ["A fairly long forest of goods", 0, 0],
  // negation
  ["It is not good.", 0, 1],
  ["It isn't good.", 0, 1],
  ["It isn’t a very good book.", 0, 1],
  ["It is not bad.", 1, 0],
  ["No problem", 1, 0],
  ["It is not one of the many good books.", 1, 0],
  ["No, it is good.", 1, 0],
  ["Not bad but wonderful", 2, 0],
  ["Not only good", 1, 0],
];
for (const [text, positive, negative] of judged)
  test(`${JSON.stringify(text)} has ${positive} positive and ${negative} negative words`, () => {
    const found = measureSentiment(text);
    assert.deepEqual({ positive: found.positive, negative: found.negative }, { positive, negative });
  });

test("the score is the positive share, and the middle where there is none", () => {
  assert.equal(measureSentiment("good good good bad").score, 0.75);
  assert.equal(measureSentiment("bad").score, 0);
  assert.equal(measureSentiment("good").score, 1);
  assert.equal(measureSentiment("table").score, 0.5);
});

test("the lexicon has words enough, each on one side", () => {
  assert.ok(150 <= positiveWords.size && 150 <= negativeWords.size);
  assert.deepEqual(
    [...positiveWords].filter((it) => negativeWords.has(it) || neutralWords.has(it)),
    [],
  );
  assert.deepEqual(
    [...negativeWords].filter((it) => neutralWords.has(it)),
    [],
  );
});

test("each word of the lexicon is found as its side says, and turned around by `not`", () => {
  for (const [words, score] of [
    [positiveWords, 1],
    [negativeWords, 0],
  ] as const)
    for (const word of words) {
      assert.equal(measureSentiment(word).score, score, word);
      assert.equal(measureSentiment(`not ${word}`).score, 1 - score, word);
    }
});

test("the score of whatever text lies between 0 and 1", () => {
  const words = fc.constantFrom("good", "bad", "not", "toString", "__proto__", ".", "é", "🙂");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(words).map((it) => it.join(" ")),
      ),
      (text) => {
        const { score } = measureSentiment(text);
        assert.ok(0 <= score && score <= 1);
      },
    ),
  );
});
