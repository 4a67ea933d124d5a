import assert from "node:assert/strict";
import { test } from "node:test";

import { cohensKappa } from "../../src/compare/kappa.js";

test("kappa is that of the textbook's table", () => {
  // 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: observed 0.7, by chance 0.5, so 0.4.
  const said = [...both("y", "y", 20), ...both("y", "n", 5), ...both("n", "y", 10), ...both("n", "n", 15)];
  const { kappa, observed, pairs } = cohensKappa(said)!;
  assert.ok(Math.abs(kappa! - 0.4) < 1e-12);
  assert.deepEqual({ observed, pairs }, { observed: 0.7, pairs: 50 });
});

test("kappa is 1 in full agreement, and not defined where both always said one thing", () => {
  assert.equal(cohensKappa([...both("a", "a", 3), ...both("b", "b", 3)])!.kappa, 1);
  assert.equal(cohensKappa(both("a", "a", 5))!.kappa, undefined);
  assert.equal(cohensKappa([]), undefined);
});

function both(first: string, second: string, count: number): (readonly [string, string])[] {
  return Array.from({ length: count }, () => [first, second] as const);
}
