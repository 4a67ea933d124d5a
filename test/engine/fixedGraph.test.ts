// A LoRA that writes much, on a real graph: it becomes a part of one, and what is written stays the same.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { after, before, test } from "node:test";

import { loadModel, type LoadedModel } from "../../src/engine/loadedModel.js";
import { openReader } from "../../src/engine/reader.js";
import { writePeftFolder } from "./peftFolder.js";
import { tinyModel, writeTinyModel } from "./tinyModel.js";

const STEPS = 200;
const adapters = [{ path: writePeftFolder() }];
let model: LoadedModel;
before(async () => {
  const spec = { path: writeTinyModel(tinyModel()) };
  model = await loadModel({ spec, cacheKind: "in-place", defaultThreads: 1 }, () => undefined);
});
after(() => model.dispose());

/** Logits of the last of so many steps, and whether the graph holds the adapter. */
async function written(scale?: number) {
  const uses = scale === undefined ? adapters : adapters.map((it) => ({ ...it, scale }));
  const reader = await openReader(model, { adapters: uses });
  const cache = model.caches.newCache(8);
  let logits: Float32Array = new Float32Array(0);
  for (let step = 0; step < STEPS; step++) {
    cache.truncate(step % 8);
    logits = await reader.read(cache, [10 + (step % 100)], [0]);
  }
  const isFixed = reader.decoder.hookInputs.length === 0;
  reader.release();
  return { logits, isFixed };
}

test("an adapter that has written much becomes a part of a graph, which writes the same", async () => {
  const first = await written();
  assert.equal(first.isFixed, false);
  let later = first;
  for (let tries = 0; !later.isFixed && tries < 20; tries++) {
    await setTimeout(1000);
    const reader = await openReader(model, { adapters });
    const isThere = reader.decoder.hookInputs.length === 0;
    reader.release(); // without a step: the idle time goes on
    if (isThere) later = await written();
  }
  assert.ok(later.isFixed, "there is no such graph after 20 s");
  const worst = first.logits.reduce((most, it, i) => Math.max(most, Math.abs(it - later.logits[i]!)), 0);
  assert.ok(worst < 1e-4, `${worst}`);
  // Another scale is another set, and is fed.
  const half = await written(0.5);
  assert.equal(half.isFixed, false);
  assert.ok(half.logits.some((it, i) => 1e-3 < Math.abs(it - first.logits[i]!)));
});
