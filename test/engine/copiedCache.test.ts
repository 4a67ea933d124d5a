// The fallback for caches in place gives the same numbers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openReader } from "../../src/engine/reader.js";
import { loadModel } from "../../src/engine/loadedModel.js";
import { testCache } from "../../src/engine/ort/selfTest.js";
import { tinyModel, writeTinyModel } from "./tinyModel.js";

test("this machine keeps caches in place", async () => {
  assert.deepEqual(await testCache(), { kind: "in-place" });
});

test("a copied cache gives what a cache in place gives, also after going back", async () => {
  const path = writeTinyModel(tinyModel());
  const [inPlace, copied] = await Promise.all([logitsOf(path, "in-place"), logitsOf(path, "copied")]);
  assert.deepEqual(copied, inPlace);
  assert.ok(inPlace.every((it) => it.every((logit) => Number.isFinite(logit))));
});

/** Logits of several steps: a prompt, single tokens, a step back, and a cache begun from another's prefix. */
async function logitsOf(path: string, cacheKind: "in-place" | "copied"): Promise<number[][]> {
  const model = await loadModel({ spec: { path }, cacheKind, defaultThreads: 1 }, () => undefined);
  const reader = await openReader(model, {});
  const cache = model.caches.newCache(32);
  const step = async (ids: readonly number[], on = cache) => [...(await reader.read(on, ids, [ids.length - 1]))];
  const all = [await step([10, 20, 30, 40]), await step([50]), await step([60])];
  cache.truncate(3);
  all.push(await step([70]));
  const other = model.caches.newCache(32);
  other.copyFrom(cache, 2);
  all.push(await step([80], other));
  reader.release();
  await model.dispose();
  return all;
}
