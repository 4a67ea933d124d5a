// Run by onDevice.test.ts in a process of its own: how far fast numbers are from exact ones, on WebGPU and on the CPU. Prints the
// mean KL divergence of each from the CPU's exact numbers as JSON.
//
//     node deviceFastChild.js MODEL

import { loadModel } from "../../src/engine/loadedModel.js";
import { testCache } from "../../src/engine/ort/selfTest.js";
import { openReader } from "../../src/engine/reader.js";
import type { Precision } from "../../src/protocol/engine.js";

export type FastReport = Readonly<Record<"cpu" | "webgpu", number>>;

const ids = Array.from({ length: 48 }, (_, i) => 10 + ((i * 37) % 400));

/** Log-probabilities behind every token. */
async function readOn(device: "cpu" | "webgpu", precision: Precision): Promise<number[][]> {
  const { kind } = await testCache();
  const chooseDevice = () => Promise.resolve({ choice: { device }, pieceTokens: 16 });
  const spec = { path: process.argv[2]!, precision };
  const model = await loadModel({ spec, cacheKind: kind, defaultThreads: 1, chooseDevice }, () => undefined);
  const reader = await openReader(model, {});
  const cache = model.caches.newCache(ids.length);
  const logits = await reader.read(cache, ids, [...ids.keys()]);
  cache.dispose();
  reader.release();
  const size = model.shape.vocabularySize;
  await model.dispose();
  return ids.map((_, i) => logProbabilities(logits.subarray(i * size, (i + 1) * size)));
}

function logProbabilities(logits: Float32Array): number[] {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const mass = Math.log(logits.reduce((sum, it) => sum + Math.exp(it - largest), 0)) + largest;
  return Array.from(logits, (it) => it - mass);
}

function divergence(expected: readonly number[][], found: readonly number[][]): number {
  const each = expected.map((row, i) => row.reduce((sum, it, k) => sum + Math.exp(it) * (it - found[i]![k]!), 0));
  return each.reduce((a, b) => a + b) / each.length;
}

const exact = await readOn("cpu", "exact");
const report: FastReport = {
  cpu: divergence(exact, await readOn("cpu", "fast")),
  webgpu: divergence(exact, await readOn("webgpu", "fast")),
};
process.stdout.write(JSON.stringify(report));
