// What runs and can be cancelled.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Operations } from "../../src/extension/operations.js";

let busy: boolean[];
let operations: Operations;
beforeEach(() => {
  busy = [];
  operations = new Operations((it) => busy.push(it));
});

test("the first operation makes busy, the end of the last one does not", () => {
  const first = operations.start();
  const second = operations.start();
  assert.deepEqual(busy, [true]);
  first.dispose();
  assert.deepEqual(busy, [true]);
  second.dispose();
  assert.deepEqual(busy, [true, false]);
});

test("an operation that ends twice ends once", () => {
  const first = operations.start();
  operations.start();
  first.dispose();
  first.dispose();
  assert.deepEqual(busy, [true]);
});

test("cancelling reaches all that run, and no others", () => {
  const over = operations.start();
  over.dispose();
  const running = [operations.start(), operations.start()];
  operations.cancelAll();
  assert.ok(running.every((it) => it.signal.aborted));
  assert.ok(!over.signal.aborted);
  assert.ok(!operations.start().signal.aborted);
});

test("one operation can be cancelled alone", () => {
  const [first, second] = [operations.start(), operations.start()];
  first.cancel();
  assert.ok(first.signal.aborted);
  assert.ok(!second.signal.aborted);
});
