// The parts of ghost text that need no editor.

import assert from "node:assert/strict";
import { test } from "node:test";

import { countsText, noCounts } from "../../src/extension/ghost/ghostCounts.js";
import { ShownGhosts } from "../../src/extension/ghost/shownGhosts.js";
import { TypingRhythm } from "../../src/extension/ghost/typingRhythm.js";

test("the pause follows how fast the user types, within bounds", () => {
  const pauseAfter = (interval: number) => {
    const rhythm = new TypingRhythm();
    for (let i = 0; i < 10; i++) rhythm.typed(i * interval);
    return rhythm.pauseMs;
  };
  assert.ok(pauseAfter(80) < pauseAfter(200));
  assert.equal(pauseAfter(10), 60);
  assert.equal(pauseAfter(900), 350);
});

test("a long pause is no part of the rhythm", () => {
  const rhythm = new TypingRhythm();
  for (const at of [0, 100, 200, 300, 60_000, 60_100]) rhythm.typed(at);
  assert.ok(Math.abs(rhythm.pauseMs - 120) < 1);
});

test("who types into a completion keeps what is left of it, and who goes back gets it back", () => {
  const ghosts = new ShownGhosts();
  ghosts.add("The sea", " is deep");
  assert.deepEqual(ghosts.at("The sea is"), [" deep"]);
  assert.deepEqual(ghosts.at("The sea"), [" is deep"]);
  assert.deepEqual(ghosts.at("The sea was"), []);
  assert.deepEqual(ghosts.at("The sea is deep"), [], "nothing is left");
});

test("several completions in one place are all offered, each once", () => {
  const ghosts = new ShownGhosts();
  for (const it of [" is deep", " is blue", " is blue", " is deep"]) ghosts.add("The sea", it);
  assert.deepEqual(ghosts.at("The sea is "), ["deep", "blue"]);
});

test("only the last places are remembered", () => {
  const ghosts = new ShownGhosts();
  for (let i = 0; i < 40; i++) ghosts.add(`${i}`, "x");
  assert.deepEqual([ghosts.at("0"), ghosts.at("39")], [[], ["x"]]);
});

test("the numbers are told as a sentence", () => {
  assert.match(countsText(noCounts), /No completion/);
  assert.match(
    countsText({ shown: 10, accepted: 4, keptShort: 3, keptLong: 1 }),
    /10 .* 4 accepted \(40 %\).* 3 \(75 %\)/,
  );
});

test("what the editor has waited for already is not waited for again", () => {
  const rhythm = new TypingRhythm();
  for (let i = 0; i <= 8; i++) rhythm.typed(i * 100);
  assert.equal(rhythm.pauseMs, 120);
  assert.deepEqual([rhythm.leftMs(800), rhythm.leftMs(850), rhythm.leftMs(2000)], [120, 70, 0]);
  assert.equal(new TypingRhythm().leftMs(5), 0, "nothing was typed");
});
