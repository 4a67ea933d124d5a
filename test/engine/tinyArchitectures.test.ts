// Every architecture against transformers in float32, on models with random weights: one folder each with model.gguf,
// golden.json and golden.safetensors (test/tiny/README.md). More of them are read from the folder TILLER_TINY.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { openModelFile } from "../../src/engine/gguf/modelFile.js";
import { loadModel, type LoadedModel } from "../../src/engine/loadedModel.js";
import type { ModelSpec } from "../../src/protocol/engine.js";
import { testCache } from "../../src/engine/ort/selfTest.js";
import { openReader } from "../../src/engine/reader.js";
import { openSafetensors } from "../../src/engine/safetensors/safetensorsFile.js";

interface Golden {
  readonly prompts: readonly GoldenPrompt[];
  /** The same with the window that the file names. */
  readonly alt_window?: readonly GoldenPrompt[];
}

interface GoldenPrompt {
  readonly ids: readonly number[];
  readonly greedy: readonly number[];
  readonly greedy_margin: readonly number[];
}

const TOLERANCE = 1e-3;
/** Lengths of the pieces that a prompt is read in: within, at and beyond windows of 16. */
const pieces = [[1, 3, 16], [17], [64]];

const root = join(import.meta.dirname, "../../..");
const outside = process.env["TILLER_TINY"] ?? join(root, "../shared/models/tiny");
const folders = new Map<string, string>();
for (const parent of [join(root, "test/tiny"), outside].filter((it) => existsSync(it)))
  for (const name of readdirSync(parent)) folders.set(name, join(parent, name));

if (!existsSync(outside))
  it("all tiny models", { skip: `there is no folder ${outside}; set TILLER_TINY` }, () => undefined);
for (const [name, folder] of folders) if (await isPlain(folder)) describeModel(name, folder);

/** Adapters, models with eyes and quantised weights are tested elsewhere. */
async function isPlain(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, "model.gguf")) || existsSync(join(folder, "mmproj.gguf"))) return false;
  const file = await openModelFile(join(folder, "model.gguf"));
  file.close();
  return [...file.tensors.values()].every(({ type }) => type.name === "F32" || type.name === "F16");
}

function describeModel(name: string, folder: string): void {
  const { prompts, alt_window } = JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")) as Golden;
  const path = join(folder, "model.gguf");
  describeRun(name, { path, precision: "exact" }, prompts, join(folder, "golden.safetensors"), "");
  if (alt_window === undefined) return;
  const windowed = { path, precision: "exact", slidingWindow: true } as const;
  describeRun(`${name} with its window`, windowed, alt_window, join(folder, "golden.safetensors"), "alt_window.");
}

function describeRun(
  name: string,
  spec: ModelSpec,
  prompts: readonly GoldenPrompt[],
  goldenPath: string,
  prefix: string,
): void {
  describe(name, () => {
    let model: LoadedModel;
    let reference: ReturnType<typeof openSafetensors>;
    before(async () => {
      const { kind } = await testCache();
      model = await loadModel({ spec, cacheKind: kind, defaultThreads: 1 }, () => undefined);
      reference = openSafetensors(goldenPath);
    });
    after(async () => {
      reference.close();
      await model.dispose();
    });

    it("gives the reference's logits behind every prompt, read at once or in pieces", async () => {
      for (const [i, { ids }] of prompts.entries()) {
        const expected = reference.read(reference.tensors.get(`${prefix}p${i}.last`)!);
        for (const lengths of [[ids.length], ...pieces]) {
          const logits = await read(ids, lengths);
          assertClose(logits, expected, `prompt ${i} in pieces of ${lengths.join(", ")}`);
        }
      }
    });

    it("gives the reference's logits at every position", async () => {
      const { ids } = prompts[2]!;
      const logits = await read(ids, [ids.length], true);
      assertClose(logits, reference.read(reference.tensors.get(`${prefix}p2.all`)!), "prompt 2");
    });

    it("writes the reference's text, token by token", async () => {
      const reader = await openReader(model, {});
      for (const [i, { ids, greedy, greedy_margin }] of prompts.entries()) {
        const cache = model.caches.newCache(ids.length + greedy.length);
        let logits = await reader.read(cache, ids, [ids.length - 1]);
        const unclear = greedy_margin.findIndex((it) => it < 2 * TOLERANCE);
        const clear = greedy.slice(0, unclear < 0 ? greedy.length : unclear);
        assert.ok(0 < clear.length);
        for (const [step, id] of clear.entries()) {
          const best = logits.indexOf(logits.reduce((a, b) => Math.max(a, b)));
          assert.equal(best, id, `prompt ${i}, step ${step}`);
          logits = await reader.read(cache, [id], [0]);
        }
      }
      reader.release();
    });

    it("gives the same from a cache that was cut back, and from a copy of it", async () => {
      const reader = await openReader(model, {});
      const { ids } = prompts[2]!;
      const expected = reference.read(reference.tensors.get(`${prefix}p2.last`)!);
      const cache = model.caches.newCache(64);
      await reader.read(cache, [...ids.slice(0, 23), ...prompts[3]!.ids.slice(0, 30)], []);
      cache.truncate(23);
      const copy = model.caches.newCache(48);
      copy.copyFrom(cache, 21);
      const rest = (from: number) => ids.slice(from);
      assertClose(await reader.read(cache, rest(23), [rest(23).length - 1]), expected, "the cache");
      assertClose(await reader.read(copy, rest(21), [rest(21).length - 1]), expected, "the copy");
      reader.release();
    });

    it("gives the same where caches are copied with every step", async () => {
      const copying = await loadModel({ spec, cacheKind: "copied", defaultThreads: 1 }, () => undefined);
      const reader = await openReader(copying, {});
      const { ids } = prompts[2]!;
      const cache = copying.caches.newCache(ids.length);
      await reader.read(cache, ids.slice(0, 25), []);
      cache.truncate(19);
      const logits = await reader.read(cache, ids.slice(19), [ids.length - 20]);
      assertClose(logits, reference.read(reference.tensors.get(`${prefix}p2.last`)!), "prompt 2");
      reader.release();
      await copying.dispose();
    });

    async function read(ids: readonly number[], lengths: readonly number[], all = false): Promise<Float32Array> {
      const reader = await openReader(model, {});
      const cache = model.caches.newCache(ids.length);
      let logits = new Float32Array(0);
      for (let from = 0, piece = 0; from < ids.length; piece++) {
        const part = ids.slice(from, from + lengths[piece % lengths.length]!);
        logits = new Float32Array(await reader.read(cache, part, all ? part.map((_, i) => i) : [part.length - 1]));
        from += part.length;
      }
      reader.release();
      return logits;
    }
  });
}

function assertClose(found: Float32Array, expected: Float32Array, what: string): void {
  assert.equal(found.length, expected.length);
  const most = expected.reduce((most, it, k) => Math.max(most, Math.abs(it - found[k]!)), 0);
  // NaN is not close to anything.
  assert.ok(most <= TOLERANCE && found.every((it) => Number.isFinite(it)), `${what} is off by ${most}`);
  if (process.env["TILLER_SHOW"] !== undefined) console.log(what, most);
}
