// Answers that are kept with what they are about.

import assert from "node:assert/strict";
import { test } from "node:test";

import { onceFor } from "../../src/base/onceFor.js";

test("an answer is worked out once for each object, and nobody sees that it is kept", () => {
  let asked = 0;
  const size = onceFor((list: readonly number[]) => ({ size: list.length, asked: ++asked }));
  const first = onceFor((list: readonly number[]) => ({ first: list[0] }));
  const [a, b] = [[1, 2], [3]];
  assert.equal(size(a), size(a));
  assert.deepEqual([size(a), size(b), asked], [{ size: 2, asked: 1 }, { size: 1, asked: 2 }, 2]);
  assert.deepEqual(first(a), { first: 1 });
  assert.deepEqual(a, [1, 2]);
  assert.deepEqual(Reflect.ownKeys({ ...a }), ["0", "1"]);
  assert.equal(JSON.stringify(a), "[1,2]");
});
