// The embedded model, for the tests of this folder.

import { join } from "node:path";

import type { Adaptation } from "../../../src/protocol/adapter.js";
import type { Precision } from "../../../src/protocol/engine.js";
import { loadModel, type LoadedModel } from "../../../src/engine/loadedModel.js";
import { openReader } from "../../../src/engine/reader.js";
import { testCache } from "../../../src/engine/ort/selfTest.js";
import { projectRoot } from "./goldenFiles.js";

export const modelPath = join(projectRoot, "models/SmolLM2-135M-Instruct.Q4_1.gguf");

export async function loadEmbedded(precision: Precision, contextTokens = 2048): Promise<LoadedModel> {
  const { kind } = await testCache();
  const spec = { path: modelPath, precision, contextTokens };
  return loadModel({ spec, cacheKind: kind, defaultThreads: 2 }, () => undefined);
}

/** Logits [rows, vocabulary] after the positions `rows` of `ids`, read in one pass on an empty cache. */
export async function logitsAt(
  model: LoadedModel,
  ids: readonly number[],
  rows: readonly number[],
  adaptation: Adaptation = {},
): Promise<Float32Array[]> {
  const reader = await openReader(model, adaptation);
  try {
    const { virtualIds, adapted } = reader;
    const cache = model.caches.newCache(virtualIds.length + ids.length);
    const prefixTokens = adapted?.prefixTokens ?? 0;
    if (0 < prefixTokens) cache.fill(adapted!.prefix, prefixTokens);
    const soft = virtualIds.slice(prefixTokens);
    const logits = await reader.read(
      cache,
      [...soft, ...ids],
      rows.map((it) => soft.length + it),
    );
    const size = logits.length / rows.length;
    return rows.map((_, i) => logits.subarray(i * size, (i + 1) * size));
  } finally {
    reader.release();
  }
}

export function logSoftmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = logits.reduce((sum, it) => sum + Math.exp(it - largest), 0);
  return Float64Array.from(logits, (it) => it - largest - Math.log(total));
}
