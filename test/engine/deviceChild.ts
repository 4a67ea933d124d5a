// Run by onDevice.test.ts in a process of its own: reads a model on WebGPU and on the CPU, and prints as JSON how far apart
// they are.
//
//     node deviceChild.js MODEL [ADAPTER]

import { loadModel, type LoadedModel } from "../../src/engine/loadedModel.js";
import type { RunnableCache } from "../../src/engine/ort/kvCache.js";
import { testCache } from "../../src/engine/ort/selfTest.js";
import { prefill } from "../../src/engine/decode/prefill.js";
import { openReader } from "../../src/engine/reader.js";
import type { Adaptation } from "../../src/protocol/adapter.js";

/** The software driver computes longer pieces of a prompt wrongly; the trial of a device finds that out. */
const PIECE = 16;

export interface DeviceReport {
  /** What was read, and the largest difference between the two sets of logits. */
  readonly worst: Readonly<Record<string, number>>;
  /** Of all logits. */
  readonly largest: number;
  readonly texts: Readonly<Record<"cpu" | "webgpu", readonly number[]>>;
  /** Where keys and values were after every run. */
  readonly locations: readonly string[];
  /** Tokens that a second request with the same beginning did not have to read. */
  readonly cached: number;
  readonly facts: { readonly device: string; readonly cache: string };
}

interface Readings {
  readonly logits: ReadonlyMap<string, Float32Array>;
  readonly text: readonly number[];
  readonly cached: number;
}

const signal = new AbortController().signal;
const prompt = Array.from({ length: 40 }, (_, i) => 10 + ((i * 37) % 100));

async function readAll(model: LoadedModel, adaptation: Adaptation, look: (cache: RunnableCache) => void) {
  const reader = await openReader(model, adaptation);
  const logits = new Map<string, Float32Array>();
  const cache = model.caches.newCache(96);
  const read = async (name: string, ids: readonly number[], on = cache) => {
    const rows = ids.map((_, i) => i);
    logits.set(name, await reader.read(on, ids, rows));
    look(on as RunnableCache);
  };
  await read("a prompt", prompt);
  await read("a token behind it", [60]);
  await read("a piece behind it", [3, 4, 5, 6, 7]);
  const other = model.caches.newCache(96);
  other.copyFrom(cache, 30);
  cache.truncate(20);
  await read("a token after going back", [9]);
  await read("a piece after going back", [11, 12]);
  await read("a token behind a shared beginning", [8], other);
  other.copyFrom(cache, 22);
  cache.dispose();
  await read("a token behind what another has let go", [13], other);
  other.dispose();
  // As requests read: the second knows the first one's beginning.
  const ask = async (ids: readonly number[], name: string) => {
    const lease = reader.lease(ids);
    const known = lease.cache.length;
    logits.set(name, (await prefill(reader, lease, ids, { signal }))!);
    look(lease.cache as RunnableCache);
    return { lease, known };
  };
  const first = await ask(prompt, "a request");
  const text: number[] = [];
  for (let next = logits.get("a request")!; text.length < 12;) {
    const id = next.indexOf(next.reduce((a, b) => Math.max(a, b)));
    text.push(id);
    next = await reader.read(first.lease.cache, [id], [0]);
    first.lease.appended([id]);
  }
  first.lease.release();
  const second = await ask([...prompt.slice(0, 25), 77, 78, 79], "a request with a known beginning");
  second.lease.release();
  reader.release();
  return { logits, text, cached: second.known } satisfies Readings;
}

async function main(path: string, adapter: string | undefined): Promise<DeviceReport> {
  const { kind } = await testCache();
  const options = { spec: { path, precision: "exact" }, cacheKind: kind, defaultThreads: 1 } as const;
  const adaptation = adapter === undefined ? {} : { adapters: [{ path: adapter, scale: 1 }] };
  const onCpu = await loadModel(options, () => undefined);
  const expected = await readAll(onCpu, adaptation, () => undefined);
  await onCpu.dispose();

  const chooseDevice = () => Promise.resolve({ choice: { device: "webgpu" }, pieceTokens: PIECE } as const);
  const onDevice = await loadModel({ ...options, chooseDevice }, () => undefined);
  const locations = new Set<string>();
  const look = (cache: RunnableCache) => Object.values(cache.tensors).forEach((it) => locations.add(it.location));
  const found = await readAll(onDevice, adaptation, look);
  const { device, cache } = onDevice.facts;
  await onDevice.dispose();

  const worst: Record<string, number> = {};
  let largest = 0;
  for (const [name, values] of expected.logits) {
    const own = found.logits.get(name)!;
    worst[name] = values.reduce((most, it, i) => Math.max(most, Math.abs(it - own[i]!)), 0);
    largest = values.reduce((most, it) => Math.max(most, Math.abs(it)), largest);
  }
  return {
    ...{ worst, largest, locations: [...locations], cached: found.cached },
    texts: { cpu: expected.text, webgpu: found.text },
    facts: { device: device.device, cache },
  };
}

process.stdout.write(JSON.stringify(await main(process.argv[2]!, process.argv[3])));
