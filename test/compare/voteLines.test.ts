// The file of votes: what counts, what is taken back, and what can be wrong with a line.

import assert from "node:assert/strict";
import { test } from "node:test";

import { printVoteLine, readVoteLines } from "../../src/compare/voteLines.js";
import type { VoteUndo } from "../../src/protocol/compare.js";
import { vote } from "./votes.js";

const undo = (id: string): VoteUndo => ({
  kind: "undo",
  schema: 1,
  id: `undo-${id}`,
  time: "2026-01-01T00:00:00.000Z",
  vote: id,
});

test("a vote is one line, whatever stands in its texts", () => {
  const one = vote("a", "b", "left", { input: { name: "two\nlines\u2028", values: { text: "\n" } } });
  const line = printVoteLine(one);
  assert.equal(line.indexOf("\n"), line.length - 1);
  assert.deepEqual(readVoteLines(line), { votes: [one], warnings: [] });
});

test("a vote that was taken back does not count, wherever the line stands that says so", () => {
  const [one, two] = [vote("a", "b", "left"), vote("a", "b", "right")];
  const before = [undo(one.id), one, two].map(printVoteLine).join("");
  const behind = [one, two, undo(one.id)].map(printVoteLine).join("");
  for (const text of [before, behind]) assert.deepEqual(readVoteLines(text), { votes: [two], warnings: [] });
});

test("the union of two branches counts each vote once", () => {
  const [one, two, three] = [vote("a", "b", "left"), vote("a", "b", "right"), vote("a", "b", "tie")];
  const ours = [one, two];
  const theirs = [one, three, undo(two.id)];
  const { votes, warnings } = readVoteLines([...ours, ...theirs].map(printVoteLine).join(""));
  assert.deepEqual(votes, [one, three]);
  assert.deepEqual(warnings, []);
});

test("what is no vote is skipped and said, and the rest counts", () => {
  const [one, two] = [vote("a", "b", "left"), vote("a", "b", "right")];
  const lines = [
    printVoteLine(one),
    "{broken\n",
    "<<<<<<< HEAD\n",
    `${JSON.stringify({ ...two, schema: 2, id: "later" })}\n`,
    `${JSON.stringify({ ...two, vote: "up", id: "up" })}\n`,
    "\n",
    printVoteLine(two).slice(0, 40),
  ];
  const { votes, warnings } = readVoteLines(lines.join(""));
  assert.deepEqual(votes, [one]);
  assert.deepEqual(warnings, [
    "Line 2 is not counted: it is not JSON.",
    "Line 3 is not counted: it is a mark of a merge that was not finished.",
    "Line 4 is not counted: it has the schema 2, and this version reads 1.",
    "Line 5 is not counted: it is no vote.",
    "Line 7 is not counted: the last line was cut off while it was written.",
  ]);
});
