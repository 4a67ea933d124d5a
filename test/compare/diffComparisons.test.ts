// What changed between two runs of a comparison.

import assert from "node:assert/strict";
import { test } from "node:test";

import { diffComparisons } from "../../src/compare/diffComparisons.js";
import { measureText } from "../../src/compare/measureDiffs.js";
import type { ComparedVariant, CompareResult } from "../../src/protocol/compare.js";
import { base, finished, pirate, result } from "./sampleResult.js";

const named = (id: string, label: string, key: string): ComparedVariant => ({ ...base, id, label, key, summary: key });

test("outputs are compared by settings, input values and seed, whatever they are called", () => {
  const newer: CompareResult = {
    ...result,
    promptHash: "other",
    variants: result.variants.map((it) => ({ ...it, id: it.id === "a" ? "x" : "y" })),
    inputs: [
      { name: "new", values: {} },
      { ...result.inputs[0]!, name: "renamed" },
    ],
    cells: [
      finished("x", "Hello you", { input: 1, output: [{ text: "He said: Hello you" }] }),
      finished("x", "other input", { input: 0 }),
      finished("x", "other seed", { input: 1, seed: 43, repeat: 1 }),
    ],
  };
  const diff = diffComparisons(result, newer);
  const [cell] = diff.cells;
  assert.deepEqual([diff.cells.length, diff.onlyOlder, diff.onlyNewer, diff.promptChanged], [1, 1, 2, true]);
  assert.deepEqual(
    [cell!.older, cell!.newer, cell!.input, cell!.seed, cell!.same],
    [{ variant: "a", input: 0, repeat: 0 }, { variant: "x", input: 1, repeat: 0 }, "renamed", 42, false],
  );
  assert.deepEqual(cell!.words[0], { kind: "same", text: "He said: Hello " });
  const side = (removed: "added" | "removed") => cell!.words.filter((it) => it.kind !== removed).map((it) => it.text).join(""); // prettier-ignore
  assert.equal(side("removed"), "He said: Hello you");
  assert.equal(side("added"), "He said: Hello ```there``` <img src=x>");
});

test("the same comparison has changed nowhere, and one that failed before and not now has", () => {
  const same = diffComparisons(result, result);
  assert.ok(same.cells.length === 2 && same.cells.every((it) => it.same && it.words.every(({ kind }) => kind === "same"))); // prettier-ignore
  assert.ok(same.variants.every((it) => it.measures.every(({ older, newer }) => older === newer)));
  const mended = { ...result, cells: [result.cells[0]!, finished("b", "Arr", { output: [] })] };
  const [, cell] = diffComparisons(result, mended).cells;
  assert.deepEqual([cell!.same, cell!.was, cell!.is], [false, { status: "failed", message: "It is made for another model." }, { status: "finished" }]); // prettier-ignore
});

test("variants are matched by settings and name, else settings, else name, and each once", () => {
  const older = { ...result, variants: [named("1", "One", "k1"), named("2", "Two", "k2"), named("3", "Three", "k3"), named("4", "Gone", "k4")] }; // prettier-ignore
  const newer = { ...result, variants: [named("a", "Two", "k9"), named("b", "Renamed", "k1"), named("c", "Three", "k3"), named("d", "Three", "k8"), named("e", "New", "k7")] }; // prettier-ignore
  const pairs = diffComparisons(older, newer).variants.map((it) => `${it.older?.id ?? "-"}${it.newer?.id ?? "-"}`);
  assert.deepEqual(pairs, ["2a", "1b", "3c", "-d", "-e", "4-"]);
  const twins = { ...result, variants: [named("x", "Twin", "k"), named("y", "Twin", "k")] };
  assert.deepEqual(diffComparisons(twins, twins).variants.map((it) => it.older!.id + it.newer!.id), ["xx", "yy"]); // prettier-ignore
});

test("measures stand side by side, with those that only one has", () => {
  const passed = [{ name: "t", passed: true, result: "" }];
  const { metrics } = finished("a", "x");
  const more = { tests: passed, metrics: { ...metrics, tokensPerSecond: 80, distance: 0.25 } };
  const newer = { ...result, variants: [base], cells: [finished("a", "x", more)] };
  const [kept, gone] = diffComparisons(result, newer).variants;
  assert.deepEqual(kept!.measures.map((it) => [it.name, measureText(it)]), [["Tests %", "0 → 100"], ["Valid %", "100"], ["Distance", "– → 0.25"], ["Tokens", "10"], ["Tokens/s", "100.0 → 80.0"], ["First (ms)", "50"]]); // prettier-ignore
  assert.deepEqual([gone!.older!.id, gone!.newer, gone!.measures], [pirate.id, undefined, [{ name: "Tokens", digits: 0, older: 0 }]]); // prettier-ignore
});
