/** The fallback for inPlaceCache.ts: the session returns a new, longer cache with every run. Slow, and right everywhere. */

import { Tensor } from "onnxruntime-node";

import { cacheNames } from "../graph/attention.js";
import type { CacheData, CacheShape, RunnableCache } from "./kvCache.js";

export function copiedCache(shape: CacheShape, capacity: number): RunnableCache {
  const { layers, kvHeads, headSize } = shape;
  const names = Array.from({ length: layers }, (_, layer) => cacheNames(layer));
  let past: Record<string, Tensor> = {};
  for (const { pastKey, pastValue } of names) {
    past[pastKey] = new Tensor("float32", new Float32Array(0), [1, kvHeads, 0, headSize]);
    past[pastValue] = past[pastKey];
  }
  let length = 0;
  return {
    capacity,
    get length() {
      return length;
    },
    get room() {
      return capacity - length;
    },
    place: () => ({ slot: length, position: length }),
    truncate(to) {
      if (length <= to) return;
      past = Object.fromEntries(Object.entries(past).map(([name, it]) => [name, firstPositions(it, to)]));
      length = to;
    },
    get tensors() {
      return past;
    },
    copyFrom(other, count) {
      const { tensors } = other as RunnableCache;
      past = Object.fromEntries(Object.entries(tensors).map(([name, it]) => [name, firstPositions(it, count)]));
      length = count;
    },
    fill(entries, count) {
      for (let layer = 0; layer < layers; layer++) {
        const { pastKey, pastValue } = names[layer]!;
        past[pastKey] = zeros(kvHeads, count, headSize);
        past[pastValue] = zeros(kvHeads, count, headSize);
        fillPositions(past[pastKey], entries[layer]!.key, kvHeads, count);
        fillPositions(past[pastValue], entries[layer]!.value, kvHeads, count);
      }
      length = count;
    },
    async run(session, feeds, count, outputs) {
      const results = await session.run({ ...feeds, ...past });
      const next: Record<string, Tensor> = {};
      for (const { pastKey, presentKey, pastValue, presentValue } of names) {
        next[pastKey] = results[presentKey]!;
        next[pastValue] = results[presentValue]!;
      }
      past = next;
      length += count;
      for (const [name, it] of Object.entries(outputs))
        (it.data as Float32Array).set(results[name]!.data as Float32Array);
    },
    dispose: () => undefined,
  };
}

/** [1, kvHeads, positions, headSize] -> the same with fewer positions. */
function firstPositions(tensor: Tensor, count: number): Tensor {
  const [, kvHeads, , headSize] = tensor.dims as [number, number, number, number];
  const shorter = zeros(kvHeads, count, headSize);
  copyPositions(tensor, shorter, count);
  return shorter;
}

/** Copies the first `count` positions; both are [1, kvHeads, any number of positions, headSize]. */
export function copyPositions(from: Tensor, to: Tensor, count: number): void {
  const [, kvHeads, fromPositions, headSize] = from.dims as [number, number, number, number];
  const toPositions = to.dims[2]!;
  const source = from.data as CacheData;
  const target = to.data as CacheData;
  for (let head = 0; head < kvHeads; head++) {
    const start = head * fromPositions * headSize;
    target.set(source.subarray(start, start + count * headSize), head * toPositions * headSize);
  }
}

/** Writes `values` [count, kvHeads * headSize] to the first positions of `to`, [1, kvHeads, any number of positions, headSize]. */
export function fillPositions(to: Tensor, values: Float32Array, kvHeads: number, count: number): void {
  const [, , positions, headSize] = to.dims as [number, number, number, number];
  const target = to.data as Float32Array;
  for (let position = 0; position < count; position++) {
    for (let head = 0; head < kvHeads; head++) {
      const from = (position * kvHeads + head) * headSize;
      target.set(values.subarray(from, from + headSize), (head * positions + position) * headSize);
    }
  }
}

function zeros(kvHeads: number, count: number, headSize: number): Tensor {
  return new Tensor("float32", new Float32Array(kvHeads * count * headSize), [1, kvHeads, count, headSize]);
}
