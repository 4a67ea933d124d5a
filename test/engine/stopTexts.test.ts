// Stop texts are found wherever text is cut into pieces, and never shown in part.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { createStopScanner } from "../../src/engine/decode/stopTexts.js";

test("a stop text across pieces ends the text before it", () => {
  checkScan(["\n\n"], ["one\n", "\ntwo"], "one");
});

test("what only looked like a stop text is shown", () => {
  checkScan(["###"], ["a #", "# b"], "a ## b");
});

test("the earliest end counts", () => {
  checkScan(["abcd", "bc"], ["xabcd"], "xa");
});

test("without stop texts everything is shown at once", () => {
  assert.equal(createStopScanner([""]).push("text").text, "text");
});

test("of stop texts that end together the longest counts", () => {
  checkScan(["b", "ab"], ["xab"], "x");
  assert.equal(createStopScanner(["b", "ab", "cab"]).push("xab").stopped, "ab");
});

test("what is held back is never more than a stop text could need", () => {
  const scanner = createStopScanner(["aab"]);
  assert.deepEqual(
    [..."aaaab"].map((it) => scanner.push(it)),
    [{ text: "" }, { text: "" }, { text: "a" }, { text: "a" }, { text: "", stopped: "aab" }],
  );
});

test("thousands of stop texts cost as little as one", () => {
  // Every stop text begins like the text, so that a search that begins anew at each character would take 10^9 steps.
  const stops = Array.from({ length: 5000 }, (_, i) => `${"a".repeat(200)}${i}.`);
  const scanner = createStopScanner(stops);
  let shown = "";
  for (let i = 0; i < 1000; i++) shown += scanner.push("a".repeat(100)).text;
  const last = scanner.push("4321.");
  assert.equal(last.stopped, stops[4321]);
  assert.equal(shown + last.text, "a".repeat(100_000 - 200));
});

test("any cutting of any text gives what a search in the whole gives", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "é", "😀"), maxLength: 30 });
  const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 4 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 6 }), stops, (pieces, them) => {
      const whole = pieces.join("");
      const ends = them
        .filter((it) => it !== "")
        .map((it) => ({ it, at: whole.indexOf(it) }))
        .filter(({ at }) => 0 <= at);
      ends.sort((a, b) => a.at + a.it.length - (b.at + b.it.length) || a.at - b.at);
      checkScan(them, pieces, ends.length === 0 ? whole : whole.slice(0, ends[0]!.at));
    }),
  );
});

function checkScan(stops: readonly string[], pieces: readonly string[], expected: string): void {
  const scanner = createStopScanner(stops);
  let shown = "";
  let stopped = false;
  for (const piece of pieces) {
    if (stopped) break;
    const result = scanner.push(piece);
    shown += result.text;
    assert.ok(expected.startsWith(shown), `${JSON.stringify(shown)} was shown too early`);
    stopped = result.stopped !== undefined;
  }
  if (!stopped) shown += scanner.end();
  assert.equal(shown, expected);
}
