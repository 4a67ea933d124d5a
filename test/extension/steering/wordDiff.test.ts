// Differences of two texts by words.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { wordDiff } from "../../../src/extension/steering/wordDiff.js";

for (const [title, before, after, expected] of [
  ["the same text has no differences", "A b, c.", "A b, c.", "A b, c."],
  [
    "words that went stand before words that came",
    "hear from us soon.",
    "hear from us by Friday.",
    "hear from us[- soon][+ by Friday].",
  ],
  ["a mark is a word of its own", "September. Sorry.", "September, sorry.", "September[-. Sorry][+, sorry]."],
  ["all can be another", "yes", "no", "[-yes][+no]"],
  ["text can be added to nothing", "", "Hi", "[+Hi]"],
  ["what is between stays", "one two three four", "one too three for", "one[- two][+ too] three[- four][+ for]"],
] as const)
  test(title, () => {
    const marks = { same: ["", ""], removed: ["[-", "]"], added: ["[+", "]"] } as const;
    const shown = wordDiff(before, after).map(({ kind, text }) => `${marks[kind][0]}${text}${marks[kind][1]}`);
    assert.equal(shown.join(""), expected);
  });

test("without what came a difference is the text before, without what went the text after", () => {
  const text = fc.array(fc.constantFrom("a", "b", " c", ", ", "\n", "é", "  ")).map((it) => it.join(""));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const parts = wordDiff(before, after);
      const without = (kind: string) =>
        parts
          .filter((it) => it.kind !== kind)
          .map((it) => it.text)
          .join("");
      assert.equal(without("added"), before);
      assert.equal(without("removed"), after);
      assert.ok(parts.every((it, i) => it.text !== "" && it.kind !== parts[i + 1]?.kind));
    }),
  );
});

test("no other way keeps more words, on small texts where all ways can be tried", () => {
  const words = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 6 });
  fc.assert(
    fc.property(words, words, (a, b) => {
      const longest = (i: number, j: number): number =>
        i === a.length || j === b.length
          ? 0
          : Math.max(longest(i + 1, j), longest(i, j + 1), a[i] === b[j] ? 1 + longest(i + 1, j + 1) : 0);
      const text = (it: readonly string[]) => it.map((word) => ` ${word}`).join("");
      const same = wordDiff(text(a), text(b)).filter((it) => it.kind === "same");
      assert.equal(same.map((it) => it.text).join("").length / 2, longest(0, 0));
    }),
  );
});
