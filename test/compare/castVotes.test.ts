// Which pairs of a comparison the lines of votes are about.

import assert from "node:assert/strict";
import { test } from "node:test";

import { castVotes } from "../../src/compare/castVotes.js";
import type { Vote } from "../../src/protocol/compare.js";
import { base, pirate, result } from "./sampleResult.js";
import { vote } from "./votes.js";

const on = { ...result, id: "run", inputs: [{ name: "first", values: { a: 1, b: 2 } }, { name: "second", values: {} }], seeds: [7, 9] }; // prettier-ignore
const shown = ({ key, label }: typeof base, seed: number): Vote["left"] => ({ variant: { key, label, model: "m", adapters: [], summary: "" }, seed, output: "x" }); // prettier-ignore
const line = (more: Partial<Vote>): Vote =>
  vote("", "", "left", { id: "v", comparison: "run", left: shown(pirate, 9), right: shown(base, 9), ...more });

test("a vote is found by input, seed and variants, on the sides on which they were shown", () => {
  const input = { name: "first", values: { b: 2, a: 1 } };
  const pair = { left: { variant: "b", input: 0, repeat: 1 }, right: { variant: "a", input: 0, repeat: 1 } };
  assert.deepEqual(castVotes(on, [line({ input })]), [{ id: "v", pair, choice: "left" }]);
});

test("votes on another comparison, input, seed or variant are left out", () => {
  const input = on.inputs[1]!;
  assert.equal(castVotes(on, [line({ input })]).length, 1);
  const others: readonly Partial<Vote>[] = [
    { comparison: "another" },
    { comparison: undefined } as unknown as Partial<Vote>,
    { input: { name: "third", values: {} } },
    { left: shown(pirate, 8), right: shown(base, 8) },
    { left: shown(pirate, 7) },
    { left: shown({ ...pirate, key: "gone" }, 9) },
  ];
  for (const it of others) assert.deepEqual(castVotes(on, [line({ input, ...it })]), [], JSON.stringify(it));
});

test("variants of the same settings are told apart by their names", () => {
  const twin = { ...base, id: "c", label: "Twin" };
  const both = { ...on, variants: [base, pirate, twin] };
  const cast = castVotes(both, [line({ input: on.inputs[1]!, left: shown(twin, 9) })]);
  assert.deepEqual([cast[0]!.pair.left.variant, cast[0]!.pair.right.variant], ["c", "a"]);
});
