// Caches on a device, with a session that only says what it was fed: who holds which tensors, and when they are let go.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Tensor, type InferenceSession } from "onnxruntime-node";

import { TillerError } from "../../src/base/error.js";
import { deviceCache } from "../../src/engine/ort/deviceCache.js";
import { createDeviceTensors } from "../../src/engine/ort/deviceTensors.js";
import type { CacheShape, KvCache, RunnableCache } from "../../src/engine/ort/kvCache.js";

const shape: CacheShape = { layers: 2, kvHeads: 1, headSize: 2, cacheType: "float32" };
const names = ["past.0.key", "past.0.value", "past.1.key", "past.1.value"];

/** Tensors are named after the session and the run that made them; `alive` are those that were not disposed. */
function setup({ pieceTokens = Infinity } = {}) {
  const tensors = createDeviceTensors();
  const alive = new Set<string>();
  const made = new Map<Tensor, string>();
  const released: string[] = [];
  let fed: readonly (string | undefined)[] = [];
  const session = (name: string) => {
    let runs = 0;
    const run = async (feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> => {
      await Promise.resolve();
      fed = names.map((it) => made.get(feeds[it]!) ?? `${feeds[it]!.dims[2]} on the CPU`);
      runs++;
      const present = names.map((it) => {
        const tensor = new Tensor("float32", new Float32Array(2), [1, 1, 1, 2]);
        const id = `${name}${runs}.${it}`;
        made.set(tensor, id);
        alive.add(id);
        tensor.dispose = () => assert.ok(alive.delete(id), `${id} was disposed twice`);
        return [it.replace("past", "present"), tensor] as const;
      });
      return { ...Object.fromEntries(present), logits: new Tensor("float32", Float32Array.of(runs), [1, 1]) };
    };
    const release = () => {
      assert.ok(![...alive].some((it) => it.startsWith(name)), `${name} went before its tensors`);
      released.push(name);
      return Promise.resolve();
    };
    return { run, release } as unknown as InferenceSession;
  };
  const newCache = (capacity = 100) => deviceCache(shape, capacity, { device: "webgpu", tensors, pieceTokens });
  /** Which runs' tensors are alive. */
  const runsAlive = () => [...new Set([...alive].map((it) => it.split(".")[0]))].sort();
  return { tensors, session, newCache, runsAlive, released, fed: () => fed };
}

async function append(cache: RunnableCache, session: InferenceSession, count: number): Promise<number> {
  const logits = new Tensor("float32", new Float32Array(1), [1, 1]);
  await cache.run(session, {}, count, { logits });
  return (logits.data as Float32Array)[0]!;
}

test("each run is fed with what the one before it returned, which is then disposed", async () => {
  const { session, newCache, runsAlive, fed, tensors } = setup();
  const [a, cache] = [session("a"), newCache()];
  assert.equal(await append(cache, a, 3), 1, "the outputs are copied out");
  assert.deepEqual(fed(), Array(4).fill("0 on the CPU"));
  assert.deepEqual([await append(cache, a, 1), cache.length], [2, 4]);
  assert.deepEqual(
    fed(),
    names.map((it) => `a1.${it}`),
  );
  assert.deepEqual([runsAlive(), tensors.held], [["a2"], 1]);
});

test("a cache that goes back keeps its tensors, and counts less of them, until nothing is left", async () => {
  const { session, newCache, runsAlive } = setup();
  const [a, cache] = [session("a"), newCache()];
  await append(cache, a, 5);
  cache.truncate(7);
  cache.truncate(2);
  assert.deepEqual([cache.length, cache.place(1), runsAlive()], [2, { slot: 2, position: 2 }, ["a1"]]);
  cache.truncate(0);
  assert.deepEqual([cache.length, runsAlive()], [0, []]);
});

test("a copy shares the tensors, and the last holder disposes them", async () => {
  const { session, newCache, runsAlive, fed } = setup();
  const [a, first, second, third] = [session("a"), newCache(), newCache(), newCache()];
  await append(first, a, 5);
  second.copyFrom(first, 4);
  third.copyFrom(second, 3);
  third.copyFrom(first, 2);
  await append(first, a, 1);
  assert.deepEqual([first.length, second.length, third.length, runsAlive()], [6, 4, 2, ["a1", "a2"]]);
  await append(second, a, 1);
  assert.equal(fed()[0], "a1.past.0.key");
  assert.deepEqual(runsAlive(), ["a1", "a2", "a3"]);
  third.dispose();
  assert.deepEqual(runsAlive(), ["a2", "a3"]);
  second.copyFrom(first, 0);
  assert.deepEqual([second.length, runsAlive()], [0, ["a2"]]);
  first.copyFrom(first, 2);
  assert.deepEqual([first.length, runsAlive()], [2, ["a2"]]);
  first.dispose();
  first.dispose();
  assert.deepEqual(runsAlive(), []);
});

test("what an adapter puts in front begins on the CPU, also in a copy", async () => {
  const { session, newCache, runsAlive, fed } = setup();
  const [a, cache, copy] = [session("a"), newCache(), newCache()];
  await append(cache, a, 1);
  const layer = { key: Float32Array.of(1, 2, 3, 4), value: Float32Array.of(5, 6, 7, 8) };
  cache.fill([layer, layer], 2);
  assert.deepEqual([cache.length, runsAlive()], [2, []]);
  assert.deepEqual([...(cache.tensors["past.1.value"]!.data as Float32Array)], [5, 6, 7, 8]);
  copy.copyFrom(cache, 1);
  cache.truncate(0);
  await append(copy, a, 1);
  assert.deepEqual(fed(), Array(4).fill("2 on the CPU"));
  assert.equal(copy.length, 2);
});

test("a run that fails leaves the cache as it was, and says on which device", async () => {
  const { session, newCache, runsAlive } = setup();
  const [a, cache] = [session("a"), newCache()];
  await append(cache, a, 3);
  const broken = { run: () => Promise.reject(new Error("device lost\nat a.cc")) } as unknown as InferenceSession;
  await assert.rejects(append(cache, broken, 1), (error) => {
    assert.ok(error instanceof TillerError && error.code === "device-unavailable");
    assert.match(error.message, /^webgpu failed while it computed: device lost\. Compute on the processor/);
    return true;
  });
  assert.deepEqual([cache.length, runsAlive()], [3, ["a1"]]);
});

test("a session goes when the last of its tensors has gone, and runs no more before", async () => {
  const { session, newCache, tensors, released } = setup();
  const [a, b, cache, other] = [session("a"), session("b"), newCache(), newCache()];
  await append(cache, a, 3);
  await append(other, b, 3);
  await tensors.release(a);
  await tensors.release(b);
  assert.deepEqual(released, []);
  await assert.rejects(append(cache, a, 1), /unloaded/);
  const c = session("c");
  await append(cache, c, 1);
  assert.deepEqual(released, ["a"], "a graph with more hooks goes on from what it left");
  await tensors.release(c);
  other.dispose();
  cache.dispose();
  assert.deepEqual([released, tensors.held], [["a", "b", "c"], 0]);
});

test("a session that is let go in the middle of its first run stays until what that made is let go", async () => {
  const { session, newCache, tensors, released } = setup();
  const [a, cache] = [session("a"), newCache()];
  const running = append(cache, a, 3);
  await tensors.release(a);
  assert.equal(await running, 1);
  assert.deepEqual([released, cache.length], [[], 3]);
  cache.dispose();
  assert.deepEqual(released, ["a"]);
});

test("pieces are no longer than what the device computes rightly", () => {
  const cache: KvCache = setup({ pieceTokens: 16 }).newCache(20);
  assert.equal(cache.room, 16);
  assert.equal(setup().newCache(20).room, 20);
});
