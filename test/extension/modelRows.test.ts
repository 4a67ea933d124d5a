// What the Models view says of a model, by what it is, what it takes, and what it is doing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { recommendedModels } from "../../src/base/recommendedModels.js";
import { modelRows, recommendedText } from "../../src/extension/models/modelRows.js";
import type { FoundModel, ModelFacts, ModelInMemory } from "../../src/protocol/engine.js";

const facts: ModelFacts = {
  path: "/m/tiny.gguf",
  name: "Tiny",
  architecture: "llama",
  sizeBytes: 98e6,
  parameterCount: 134_515_008,
  layers: 30,
  hiddenSize: 576,
  feedForwardSize: 1536,
  heads: 9,
  kvHeads: 3,
  headSize: 64,
  vocabularySize: 49152,
  contextLength: 8192,
  tensorTypes: { F32: 300, Q4_1: 210, Q8_0: 1 },
  tokenizer: "gpt2",
  hasChatTemplate: true,
};
const memory = { weightsBytes: 1e8, cacheBytes: 3e8, workingBytes: 5e7, totalBytes: 45e7, loadingBytes: 35e7 };
const tiny: FoundModel = { path: "/m/tiny.gguf", name: "tiny", facts, memory };
const context = { usedPath: "/other", embeddedPath: "/embedded" };
const held = (more: Partial<ModelInMemory>): ModelInMemory => ({
  model: { path: "/m/tiny.gguf" },
  state: "ready",
  users: 0,
  idleMs: 0,
  ...more,
});

const rowOf = (model: FoundModel, loaded: readonly ModelInMemory[] = [], where = context, freeBytes = 4e9) =>
  modelRows({ models: [model], loaded, freeBytes, totalBytes: 8e9 }, where)[0]!;

test("a model is shown with its format and size, and with what it takes in the tooltip", () => {
  const row = rowOf(tiny);
  assert.equal(row.description, "Q4_1 · 98 MB");
  assert.deepEqual([row.icon, row.words], ["circle-outline", ["idle", "unused", "removable"]]);
  assert.deepEqual(row.tooltip, [
    "**tiny**",
    "llama, 134,515,008 parameters, 30 layers, trained for 8,192 tokens",
    "It takes 450 MB of memory, of 4.0 GB that are free.",
    "`/m/tiny.gguf`",
  ]);
});

test("a model says where it is computed where that is not as a matter of course, and why it is not where it was wished", () => {
  const lines = (device: ModelInMemory["device"]) =>
    rowOf(tiny, [held(device === undefined ? {} : { device })]).tooltip;
  assert.deepEqual([lines({ device: "cpu" }), lines(undefined)], [rowOf(tiny).tooltip, rowOf(tiny).tooltip]);
  const saysNow = (device: ModelInMemory["device"]) => lines(device).find((it) => !rowOf(tiny).tooltip.includes(it));
  assert.match(saysNow({ device: "webgpu" })!, /^It is computed on webgpu\b/);
  assert.match(saysNow({ device: "cpu", reason: "no adapter" })!, /^The processor computes.* no adapter\b/);
});

test("a model that does not fit says so with both numbers", () => {
  const row = rowOf(tiny, [], context, 3e8);
  assert.equal(row.description, "needs 450 MB, 300 MB free · Q4_1 · 98 MB");
  assert.equal(row.icon, "warning");
  assert.ok(row.words.includes("idle"), "it can be loaded all the same");
});

test("what is more while it is loaded decides whether it fits", () => {
  assert.match(
    rowOf({ ...tiny, memory: { ...memory, loadingBytes: 5e9 } }).description,
    /^needs 5\.0 GB, 4\.0 GB free/,
  );
});

for (const [title, loaded, description, icon, state] of [
  ["being loaded", [held({ state: "loading", users: 1 })], "is being loaded", "loading~spin", "loading"],
  ["at work", [held({ users: 1 })], "at work", "circle-filled", "busy"],
  ["in memory", [held({ idleMs: 59_000 })], "in memory", "circle-filled", "loaded"],
  ["idle", [held({ idleMs: 200_000 })], "in memory, idle for 3 min", "circle-filled", "loaded"],
  ["loaded twice, once at work", [held({ idleMs: 200_000 }), held({ users: 1 })], "at work", "circle-filled", "busy"],
] as const) {
  test(`a model that is ${title} says so, to eyes and to ears`, () => {
    const row = rowOf(tiny, loaded);
    assert.equal(row.description, `${description} · Q4_1 · 98 MB`);
    assert.equal(row.spoken, `tiny, ${description} · Q4_1 · 98 MB`);
    assert.deepEqual([row.icon, row.words[0]], [icon, state]);
  });
}

test("the model of the settings has a check mark, and the one that comes with Tiller cannot be deleted", () => {
  const row = rowOf(tiny, [], { usedPath: tiny.path, embeddedPath: tiny.path });
  assert.deepEqual([row.icon, row.words, row.embedded], ["check", ["idle", "used"], true]);
  assert.match(row.description, /^in use · /);
  assert.match(row.tooltip[0]!, /comes with Tiller/);
});

test("a model that cannot be run says why, as text that loads nothing", () => {
  const problem = "It is ![x](https://example.com/x.png).";
  const row = rowOf({ path: "/m/b.gguf", name: "b", problem });
  assert.deepEqual([row.description, row.icon, row.words[0]], ["cannot be run", "warning", "broken"]);
  assert.equal(row.tooltip[1], "It is \\!\\[x\\]\\(https\\://example.com/x.png\\).");
  const unsupported = rowOf({ ...tiny, facts: { ...facts, unsupported: "too new" } });
  assert.equal(unsupported.words[0], "broken");
});

test("a recommended model says its size, its licence and what it is for", () => {
  const { description, tooltip } = recommendedText(recommendedModels(4e9).at(-1)!);
  assert.match(description, /^386 MB · short English/);
  assert.match(tooltip[1]!, /Licence Apache\\-2.0/);
});
