// Which tests a variant holds over the repeats of their inputs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { testRates } from "../../src/compare/testRates.js";
import { variantTotals } from "../../src/compare/variantTotals.js";
import type { CellResult, FinishedCell } from "../../src/protocol/compare.js";
import { base, finished, result } from "./sampleResult.js";

/** Verdicts of the tests `one` and `two`, one check of `one` and two of `two`. */
function cell(repeat: number, one: boolean, two: readonly [boolean, boolean]): FinishedCell {
  const verdict = (name: string, passed: boolean) => ({ test: name, name: "contains", passed, result: "" });
  return finished("a", "x", { repeat, tests: [verdict("one", one), ...two.map((it) => verdict("two", it))] });
}

const input = (passRate: number) => ({ name: "first", values: {}, tests: [{ name: "one", passRate: 1 }, { name: "two", passRate }] }); // prettier-ignore
const cells: readonly CellResult[] = [
  cell(0, true, [true, true]),
  cell(1, true, [true, false]),
  cell(2, true, [true, true]),
];

test("a test holds when the part of repeats that its passRate wants has met all of its checks", () => {
  const rates = testRates([input(0.66)], cells);
  assert.deepEqual(rates.map((it) => [it.test, it.passed, it.repeats, it.holds]), [["one", 3, 3, true], ["two", 2, 3, true]]); // prettier-ignore
  assert.deepEqual(testRates([input(0.67)], cells).map((it) => it.holds), [true, false]); // prettier-ignore
  const ten = Array.from({ length: 10 }, (_, i) => cell(i, i < 7, [true, true]));
  const seven = { ...input(1), tests: [{ name: "one", passRate: 0.7 }] };
  assert.deepEqual(testRates([seven], ten).map((it) => it.holds), [true]); // prettier-ignore
});

test("an output that failed passes nothing, and one that was stopped says nothing", () => {
  const place = { variant: "a", input: 0, repeat: 3, seed: 42, output: [] } as const;
  const failed: CellResult = { ...place, status: "failed", code: "bug", message: "" };
  assert.deepEqual(testRates([input(0)], [...cells, failed]).map((it) => [it.passed, it.repeats, it.holds]), [[3, 4, false], [2, 4, true]]); // prettier-ignore
  const stopped: CellResult = { ...place, status: "stopped" };
  assert.deepEqual(testRates([input(1)], [...cells, stopped]), testRates([input(1)], cells));
  assert.deepEqual(testRates([input(1)], []), [], "what was not written was not tested");
});

test("checks of a comparison that does not name its tests are one test", () => {
  const unnamed = cells.map((it) => ({ ...it, tests: [{ name: "contains", passed: it.repeat !== 1, result: "" }] }) as FinishedCell); // prettier-ignore
  assert.deepEqual(testRates([{ name: "first", values: {} }], unnamed).map((it) => [it.test, it.passed, it.holds]), [["", 2, false]]); // prettier-ignore
});

test("totals count tests over all inputs", () => {
  const second = cells.map((it) => ({ ...it, input: 1 }));
  const [totals] = variantTotals({ ...result, variants: [base], inputs: [input(1), input(0.5)], cells: [...cells, ...second] }); // prettier-ignore
  assert.deepEqual([totals!.passed, totals!.tests], [3, 4]);
});
