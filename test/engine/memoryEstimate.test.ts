// What a model will take, told from its head, and the refusal of what does not fit.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { openModelFile } from "../../src/engine/gguf/modelFile.js";
import { readShape } from "../../src/engine/graph/decoderGraph.js";
import { loadModel } from "../../src/engine/loadedModel.js";
import type { CacheType, MemoryEstimate, Precision } from "../../src/protocol/engine.js";
import { checkMemory, checkVisionMemory, estimateMemory, freeMemory } from "../../src/engine/memoryEstimate.js";
import { modelPath } from "./golden/goldenModel.js";
import { tinyModel, writeTinyModel } from "./tinyModel.js";

const tiny = join(import.meta.dirname, "../../../test/tiny");
const MB = 1e6;

test("float weights take four bytes each, and the table of embeddings nothing where the head is apart", async () => {
  // 3 layers of hidden size 64, 4 heads sharing 2 of 16 numbers, 128 in between, 512 tokens.
  const layer = 64 * 64 + 2 * 64 * 32 + 64 * 64 + 3 * 64 * 128 + 2 * 64;
  const { weightsBytes, cacheBytes } = await estimate(join(tiny, "llama-untied/model.gguf"), "fast", 512);
  assert.equal(weightsBytes, 4 * (3 * layer + 64 + 512 * 64));
  assert.equal(cacheBytes, 3 * 2 * 2 * 16 * 512 * 4);
});

test("a cache of 8-bit integers takes a quarter, and weights what they took", async () => {
  const float32 = await estimate(modelPath, "fast", 512);
  const int8 = await estimate(modelPath, "fast", 512, "int8");
  assert.equal(4 * int8.cacheBytes, float32.cacheBytes);
  assert.equal(int8.weightsBytes, float32.weightsBytes);
});

test("experts count as many times as there are", async () => {
  const layer = 4 * 64 * 64 + 2 * 64 + 2 * 64 + 8 * 64 + 8 * 3 * 64 * 48;
  const { weightsBytes } = await estimate(join(tiny, "olmoe/model.gguf"), "exact", 512);
  assert.equal(weightsBytes, 4 * (2 * layer + 64 + 512 * 64));
});

test("packed weights of the embedded model take what they were measured to take", async () => {
  const fast = await estimate(modelPath, "fast", 2048);
  const exact = await estimate(modelPath, "exact", 2048);
  // 106 million weights of 5 bits and a bit, 28 million of 9; in float32 the latter take 113 MB.
  assert.ok(95 * MB < fast.weightsBytes && fast.weightsBytes < 110 * MB, `${fast.weightsBytes}`);
  assert.ok(185 * MB < exact.weightsBytes && exact.weightsBytes < 200 * MB, `${exact.weightsBytes}`);
  assert.equal(fast.cacheBytes, 30 * 2 * 3 * 64 * 2048 * 4);
  // Measured: 333 MB more than a process without a model at the peak.
  assert.ok(300 * MB < fast.loadingBytes && fast.loadingBytes < 450 * MB, `${fast.loadingBytes}`);
});

test("a model that does not fit is refused with the numbers, and one that does is not", () => {
  const needs: MemoryEstimate = {
    weightsBytes: 4e9,
    cacheBytes: 1e9,
    workingBytes: 0.1e9,
    totalBytes: 5.1e9,
    loadingBytes: 12.1e9,
  };
  checkMemory("large.gguf", needs, 12.2e9);
  assert.throws(() => checkMemory("large.gguf", needs, 3e9), {
    code: "out-of-memory",
    message: /^large\.gguf would take 12\.1 GB .* 5\.1 GB .*4\.0 GB of weights, 1\.0 GB .*3\.0 GB are free/,
  });
});

test("a vision part that does not fit is refused with the numbers, and loading one piece by piece takes twice its weights", () => {
  checkVisionMemory("mmproj.gguf", 1e9, 2.1e9);
  assert.throws(() => checkVisionMemory("mmproj.gguf", 1e9, 1.9e9), {
    code: "out-of-memory",
    message: /^To look at a picture, mmproj\.gguf would take 2\.0 GB .* 1\.0 GB afterwards, and 1\.9 GB are free/,
  });
});

test("it is refused before its weights are read, unless the user will have it so", async () => {
  const model = tinyModel();
  // Room for more tokens than any machine has memory for; the cache takes none before it is filled.
  model.metadata["llama.context_length"] = 2 ** 31 - 1;
  const path = writeTinyModel(model);
  const options = { cacheKind: "in-place", defaultThreads: 1 } as const;
  const spec = { path, contextTokens: 2 ** 31 - 1 };
  await assert.rejects(
    loadModel({ spec, ...options }, () => undefined),
    { code: "out-of-memory" },
  );
  const small = await loadModel({ spec: { path, contextTokens: 64, ignoreMemory: true }, ...options }, () => undefined);
  await small.dispose();
});

test("free memory is a number of bytes", () => assert.ok(1e6 < freeMemory() && freeMemory() < 1e15));

async function estimate(
  path: string,
  precision: Precision,
  contextTokens: number,
  cache?: CacheType,
): Promise<MemoryEstimate> {
  const file = await openModelFile(path);
  try {
    return estimateMemory(file, readShape(file), { precision, contextTokens, ...(cache && { cache }) });
  } finally {
    file.close();
  }
}
