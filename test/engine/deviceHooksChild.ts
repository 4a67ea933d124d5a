// Run by onDevice.test.ts in a process of its own: every place of a graph where adapters act, filled with numbers, read on WebGPU
// and on the CPU; prints as JSON how far apart the outputs are.
//
//     node deviceHooksChild.js MODEL

import { hookNames, type Hook, type HookValue } from "../../src/engine/graph/hooks.js";
import { groups } from "../../src/engine/graph/modules.js";
import { loadModel, type LoadedModel } from "../../src/engine/loadedModel.js";
import type { ExtraOutput } from "../../src/engine/ort/decoder.js";
import { testCache } from "../../src/engine/ort/selfTest.js";
import { seededRandom } from "../../src/engine/sampling/random.js";

const PIECE = 4;
const COUNT = 10;
const activations = ["relu", "swish", "gelu", "gelu_new", "tanh", "sigmoid", "leakyrelu"] as const;
const sets: Readonly<Record<string, readonly Hook[]>> = {
  "low ranks": groups.map((it) => `lora.${it}` as const),
  scales: groups.flatMap((it) => [`inputScale.${it}`, `outputScale.${it}`] as const),
  routing: groups.map((it) => `routed.${it}` as const),
  bottlenecks: (["attention", "feedForward"] as const).flatMap((sublayer) =>
    activations.map((it) => `bottleneck.${sublayer}.${it}` as const),
  ),
  steering: ["steer"],
  "hidden states": ["streams"],
  "early exits": ["exit.1"],
};

/** The largest difference of each set of hooks, and the largest change that filling them made. */
export interface HooksReport {
  readonly worst: Readonly<Record<string, number>>;
  readonly change: Readonly<Record<string, number>>;
}

async function readWith(model: LoadedModel, hooks: readonly Hook[], isFilled: boolean): Promise<Float32Array[]> {
  const { decoder, release } = await model.decoders.acquire(new Set(hooks));
  const random = seededRandom(7);
  const values = new Map<string, HookValue>();
  for (const { name, neutral } of isFilled ? decoder.hookInputs : []) {
    if (neutral.data instanceof BigInt64Array) continue;
    // A rank of 2, where there is none without an adapter.
    const dims = neutral.dims.map((it) => (it === 0 ? 2 : it));
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => 0.2 + 0.3 * random());
    values.set(name, { dims, data });
  }
  const { layers, kvHeads, headSize, hiddenSize, vocabularySize } = model.shape;
  const cache = model.caches.newCache(32);
  const ofPrefix = seededRandom(8);
  const keys = () => Float32Array.from({ length: 3 * kvHeads * headSize }, () => ofPrefix() - 0.5);
  cache.fill(
    Array.from({ length: layers }, () => ({ key: keys(), value: keys() })),
    3,
  );
  const ids = Array.from({ length: COUNT }, (_, i) => 20 + 9 * i);
  const feeds = decoder.hookFeeds(values);
  const streams: Record<string, ExtraOutput> = {};
  for (let layer = 0; hooks.includes("streams") && layer < layers; layer++) {
    const data = new Float32Array(COUNT * hiddenSize);
    streams[hookNames.stream(layer)] = { dims: [1, COUNT, hiddenSize], data };
  }
  await decoder.forward(cache, model.embeddings.lookUp(ids), [], feeds, streams);
  const exit = { dims: [1, vocabularySize], data: new Float32Array(vocabularySize) };
  const exits = hooks.includes("exit.1") ? { [hookNames.exit(1)]: exit } : {};
  const logits = await decoder.forward(cache, model.embeddings.lookUp([55]), [0], feeds, exits);
  cache.dispose();
  release();
  return [logits, ...Object.values({ ...streams, ...exits }).map((it) => it.data)];
}

function difference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return Math.max(...a.map((it, i) => it.reduce((most, one, k) => Math.max(most, Math.abs(one - b[i]![k]!)), 0)));
}

const { kind } = await testCache();
const options = { spec: { path: process.argv[2]!, precision: "exact" }, cacheKind: kind, defaultThreads: 1 } as const;
const onCpu = await loadModel(options, () => undefined);
const chooseDevice = () => Promise.resolve({ choice: { device: "webgpu" }, pieceTokens: PIECE } as const);
const onDevice = await loadModel({ ...options, chooseDevice }, () => undefined);
const worst: Record<string, number> = {};
const change: Record<string, number> = {};
for (const [name, hooks] of Object.entries(sets)) {
  const expected = await readWith(onCpu, hooks, true);
  worst[name] = difference(expected, await readWith(onDevice, hooks, true));
  change[name] = difference(expected, await readWith(onCpu, hooks, false));
}
await onDevice.dispose();
await onCpu.dispose();
process.stdout.write(JSON.stringify({ worst, change } satisfies HooksReport));
