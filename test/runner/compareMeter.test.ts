// How far a comparison is: a speed is told once it means something.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { CompareProgress, FailedCell } from "../../src/protocol/compare.js";
import { createCompareMeter } from "../../src/runner/compare/compareMeter.js";

const cell = { variant: "a", input: 0, repeat: 0 };
const piece = { type: "text", cell, text: "x", hole: "h" } as const;
const failed: FailedCell = { ...cell, seed: 0, output: [], status: "failed", code: "adapter-not-found", message: "" };

test("a cell that ends right behind the first pieces gives no speed; after half a second there is one", () => {
  let now = 0;
  const told: CompareProgress[] = [];
  const meter = createCompareMeter(
    8,
    (it) => told.push(it),
    () => now,
  );
  meter.saw(piece);
  now = 0.04;
  meter.ended(failed);
  assert.equal(told.at(-1)!.tokensPerSecond, 0);
  for (let i = 0; i < 9; i++) meter.saw(piece);
  now = 1000;
  meter.saw(piece);
  assert.equal(told.at(-1)!.tokensPerSecond, 11);
});
