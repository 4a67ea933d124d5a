// What is guessed, and how much of it: places where the end of a text stood before, and what longer steps are worth.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createDraftLengths } from "../../../src/engine/decode/lookup/draftLength.js";
import { createDrafts } from "../../../src/engine/decode/lookup/drafts.js";

const drafted = (text: readonly number[], most = 4, isToken: (id: number) => boolean = () => true) => {
  const drafts = createDrafts(isToken);
  drafts.add(text);
  return drafts.next(() => most);
};

const cases: readonly (readonly [title: string, text: readonly number[], ids: readonly number[] | undefined])[] = [
  ["what stood behind the same two tokens is guessed", [1, 2, 3, 4, 5, 9, 1, 2], [3, 4, 5, 9]],
  ["one token alone says nothing", [1, 2, 3, 9, 2], undefined],
  ["an end that stood nowhere before is no guess", [1, 2, 3, 4], undefined],
  ["the longer end wins over the later one", [7, 1, 2, 3, 8, 1, 2, 4, 7, 1, 2], [3, 8, 1, 2]],
  ["of equal ends the later one wins", [5, 1, 2, 3, 6, 1, 2, 4, 9, 1, 2], [4, 9, 1, 2]],
  ["behind the end of the text, a repetition goes on with itself", [1, 2, 3, 1, 2, 3, 1, 2], [3, 1, 2, 3]],
  ["a token that repeats itself goes on", [7, 7, 7], [7, 7, 7, 7]],
];
for (const [title, text, ids] of cases) test(title, () => assert.deepEqual(drafted(text)?.ids, ids));

test("nothing is guessed that is no token: a piece of a picture ends the guess, or leaves none", () => {
  assert.deepEqual(drafted([1, 2, 3, -4, 5, 1, 2], 4, (id) => 0 <= id)?.ids, [3]);
  assert.equal(
    drafted([1, 2, -4, 5, 1, 2], 4, (id) => 0 <= id),
    undefined,
  );
});

test("the length of the end is told with the guess, and asks for its length", () => {
  const drafts = createDrafts(() => true);
  drafts.add([1, 2, 3, 4, 5, 6, 9, 2, 3, 4]);
  assert.deepEqual(
    drafts.next((end) => end - 1),
    { ids: [5, 6], end: 3 },
  );
});

test("the longer the end that stood before, the more is guessed", () => {
  const lengths = createDraftLengths("fast");
  const best = [2, 4, 8].map((end) => lengths.best(end, 0));
  assert.ok(best[0]! < best[1]! && best[1]! < best[2]!, String(best));
});

test("guesses that are wrong again and again are no longer made, those that are right get longer", () => {
  const lengths = createDraftLengths("fast");
  const first = lengths.best(4, 0);
  assert.ok(0 < first && first < 15);
  for (let i = 0; i < 20; i++) lengths.learn(4, 4, 0);
  assert.equal(lengths.best(4, 0), 0);
  for (let i = 0; i < 80; i++) lengths.learn(4, 4, 4);
  assert.equal(lengths.best(4, 0), 15);
});

test("the dearer a longer step, the surer a guess has to be: in `exact`, and far behind in a text", () => {
  /** The share of right guesses from which on any are made. */
  const threshold = (precision: "fast" | "exact", position: number): number => {
    for (let right = 0; right <= 100; right++) {
      const lengths = createDraftLengths(precision);
      for (let i = 0; i < 10_000; i++) lengths.learn(4, 1, i % 100 < right ? 1 : 0);
      if (0 < lengths.best(4, position)) return right;
    }
    return 101;
  };
  const near = threshold("fast", 64);
  assert.ok(near < threshold("fast", 2048));
  assert.ok(near < threshold("exact", 64));
});
