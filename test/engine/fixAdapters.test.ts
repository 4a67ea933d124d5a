// When adapters get a graph of their own.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import type { AdapterSet } from "../../src/engine/decoders.js";
import { createFixAdapters } from "../../src/engine/fixAdapters.js";
import type { Hook } from "../../src/engine/graph/hooks.js";

const IDLE_MS = 1000;

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

function setup({ fails = false } = {}) {
  const made: string[] = [];
  const state = { isBusy: false };
  const adapters = createFixAdapters({
    fix: ({ key }) => {
      made.push(key);
      return fails ? Promise.reject(new Error("no memory")) : Promise.resolve();
    },
    isBusy: () => state.isBusy,
    idleMs: IDLE_MS,
  });
  const used = (key: string, steps: number, hooks: readonly Hook[] = ["lora.qkv"]) =>
    adapters.used({ key, hooks: new Set(hooks), values: new Map() } satisfies AdapterSet, steps);
  return { made, state, adapters, used, idle: () => mock.timers.tick(IDLE_MS) };
}

test("adapters that have written enough get their graph once nobody has asked for anything for a while", () => {
  const { made, used, idle } = setup();
  used("a", 100);
  idle();
  assert.deepEqual(made, [], "too little");
  used("a", 100);
  mock.timers.tick(IDLE_MS - 1);
  assert.deepEqual(made, [], "too early");
  used("a", 1);
  mock.timers.tick(IDLE_MS - 1);
  assert.deepEqual(made, [], "used in between");
  idle();
  assert.deepEqual(made, ["a"]);
  used("a", 10_000);
  idle();
  assert.deepEqual(made, ["a"], "it is there already");
});

test("it waits as long as somebody waits for something", () => {
  const { made, state, used, idle } = setup();
  state.isBusy = true;
  used("a", 200);
  idle();
  idle();
  assert.deepEqual(made, []);
  state.isBusy = false;
  idle();
  assert.deepEqual(made, ["a"]);
});

test("sets that take turns push each other out more and more seldom", () => {
  const { made, used, idle } = setup();
  for (let turn = 0; turn < 64; turn++) {
    used(turn % 2 === 0 ? "a" : "b", 200);
    idle();
  }
  assert.ok(2 <= made.length && made.length <= 6, `${made.length} graphs in 64 turns`);
});

test("the set that has written most of late is chosen, of many that wrote little none", () => {
  const { made, used, idle } = setup();
  for (let i = 0; i < 1000; i++) used(`little ${i % 100}`, 30);
  idle();
  assert.deepEqual(made, [], "a hundred sets in turn are forgotten before they come again");
  used("much", 190);
  used("other", 100);
  used("much", 2);
  idle();
  assert.deepEqual(made, ["much"]);
});

test("steering and routing stay as they are", () => {
  const { made, used, idle } = setup();
  used("vector", 1000, ["steer"]);
  used("arrow", 1000, ["lora.qkv", "routed.qkv"]);
  used("nothing", 1000, []);
  idle();
  assert.deepEqual(made, []);
});

test("what could not be made is not tried with every request", () => {
  const { made, used, idle } = setup({ fails: true });
  for (let i = 0; i < 20; i++) {
    used("a", 200);
    idle();
  }
  assert.deepEqual(made, ["a"]);
});

test("nothing is made for a model that is gone", () => {
  const { made, used, adapters, idle } = setup();
  used("a", 1000);
  adapters.dispose();
  idle();
  used("a", 1000); // what was still reading lets go now
  idle();
  assert.deepEqual(made, []);
});
