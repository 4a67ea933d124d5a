// Differences by words: they give both texts back, and none is longer than an independent longest common subsequence allows.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { wordDiff } from "../../src/compare/wordDiff.js";

test("a changed word is shown as removed and added, with what stays around it", () => {
  assert.deepEqual(wordDiff("The cat sat here.", "The dog sat here, too."), [
    { kind: "same", text: "The " },
    { kind: "removed", text: "cat" },
    { kind: "added", text: "dog" },
    { kind: "same", text: " sat here" },
    { kind: "added", text: ", too" },
    { kind: "same", text: "." },
  ]);
  assert.deepEqual(wordDiff("same", "same"), [{ kind: "same", text: "same" }]);
  assert.deepEqual(wordDiff("", "new"), [{ kind: "added", text: "new" }]);
  assert.deepEqual(wordDiff("", ""), []);
});

const text = fc
  .array(fc.constantFrom("a", "b", "c", " ", "\n", "é", "😀", "."), { maxLength: 40 })
  .map((it) => it.join(" "));

test("the parts are both texts, and the words that stay are as many as can stay", () => {
  fc.assert(
    fc.property(text, text, (older, newer) => {
      const parts = wordDiff(older, newer);
      const without = (kind: string) =>
        parts
          .filter((it) => it.kind !== kind)
          .map((it) => it.text)
          .join("");
      assert.equal(without("added"), older);
      assert.equal(without("removed"), newer);
      const kept = parts.filter((it) => it.kind === "same").flatMap((it) => words(it.text)).length;
      assert.equal(kept, longestCommon(words(older), words(newer)));
    }),
    { numRuns: 500 },
  );
});

function words(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}\p{M}_]+|\s+|[^]/gu) ?? [];
}

/** By the table of all prefixes. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++)
      table[i]![j] = a[i - 1] === b[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
  return table[a.length]![b.length]!;
}
