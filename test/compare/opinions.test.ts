// What judges that are no people find better, and how far people agree with them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { judgeAgreements, opinionOn } from "../../src/compare/opinions.js";
import type { CompareResult, FinishedCell, JudgeKind, Vote, VoteChoice } from "../../src/protocol/compare.js";
import { base, finished, pirate, result } from "./sampleResult.js";
import { vote } from "./votes.js";

const seeds = [0, 1, 2, 3];

/** Tests passed of two, log-likelihood, and distance, by repeat. */
function cell(variant: string, repeat: number, passed: number, likelihood: number, distance: number): FinishedCell {
  const { metrics } = finished(variant, "x");
  const tests = [0, 1].map((i) => ({ name: `t${i}`, passed: i < passed, result: "" }));
  return {
    ...finished(variant, "x"),
    repeat,
    seed: seeds[repeat]!,
    tests,
    metrics: { ...metrics, likelihood, distance },
  };
}

const compared: CompareResult = {
  ...result,
  seeds,
  cells: [
    cell("a", 0, 2, -1, 0.1),
    cell("a", 1, 1, -1, 0.1),
    cell("a", 2, 0, -2, 0.2),
    cell("a", 3, 0, -2, 0.2),
    cell("b", 0, 1, -2, 0.2),
    cell("b", 1, 1, -2, 0.1),
    cell("b", 2, 2, -1, 0.3),
    cell("b", 3, 1, -1, 0.3),
  ],
  judged: [
    { input: 0, repeat: 0, a: "b", b: "a", choice: "a", consistent: true },
    { input: 0, repeat: 1, a: "a", b: "b", choice: "tie", consistent: false },
  ],
};

const pair = (repeat: number, isTurned = false) => {
  const places = ["a", "b"].map((variant) => ({ variant, input: 0, repeat }));
  const [left, right] = isTurned ? places.reverse() : places;
  return { left: left!, right: right! };
};

test("each judge has an opinion on what it can see, whichever output stands on the left", () => {
  const said = (judge: JudgeKind, isTurned: boolean) =>
    seeds.map((_, repeat) => opinionOn(compared, pair(repeat, isTurned), judge));
  assert.deepEqual(said("prompt", false), ["right", "tie", undefined, undefined]);
  assert.deepEqual(said("prompt", true), ["left", "tie", undefined, undefined]);
  assert.deepEqual(said("checks", false), ["left", "tie", "right", "right"]);
  assert.deepEqual(said("likelihood", false), ["left", "left", "right", "right"]);
  assert.deepEqual(said("distance", false), ["left", "tie", "left", "left"], "nearer is better");
  assert.deepEqual(said("distance", true), ["right", "tie", "right", "right"]);
});

test("an output without tests, reference or model, or that failed, is judged by none of them", () => {
  const bare = { ...finished("a", "x"), tests: [] };
  const cells = [bare, { ...bare, variant: "b" }];
  for (const judge of ["checks", "likelihood", "distance"] as const)
    assert.equal(opinionOn({ ...compared, cells }, pair(0), judge), undefined);
  assert.equal(opinionOn({ ...result, judged: [] }, pair(0), "checks"), undefined, "the other one failed");
});

test("agreement is counted over the pairs that both judged, and both bad is a tie", () => {
  const line = (repeat: number, choice: VoteChoice): Vote => {
    const [left, right] = [base, pirate].map((variant) => ({ variant, seed: seeds[repeat]!, output: "x" }));
    return vote("", "", choice, { comparison: compared.id, input: compared.inputs[0]!, left: left!, right: right! });
  };
  const votes = [line(0, "left"), line(1, "both-bad"), line(2, "right"), line(3, "left")];
  const found = judgeAgreements([{ result: compared, votes }]);
  assert.deepEqual(
    found.map((it) => [it.judge, it.observed, it.pairs]),
    [
      ["prompt", 0.5, 2],
      ["checks", 0.75, 4],
      ["likelihood", 0.5, 4],
      ["distance", 0.75, 4],
    ],
  );
  // Checks said left, tie, right, right and people left, tie, right, left: chance gives (2 * 1 + 1 * 1 + 1 * 2) / 16.
  assert.equal(found[1]!.kappa!.toFixed(6), ((0.75 - 5 / 16) / (1 - 5 / 16)).toFixed(6));
  assert.deepEqual(judgeAgreements([]), []);
});
