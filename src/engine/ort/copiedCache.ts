/** The fallback for inPlaceCache.ts: the session returns a new, longer cache with every run. Slow, and right everywhere. */

import { Tensor } from "onnxruntime-node";

import { cacheNames } from "../graph/layers.js";
import type { CacheShape, RunnableCache } from "./kvCache.js";

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
    async run(session, feeds, count, logits) {
      const results = await session.run({ ...feeds, ...past });
      const next: Record<string, Tensor> = {};
      for (const { pastKey, presentKey, pastValue, presentValue } of names) {
        next[pastKey] = results[presentKey]!;
        next[pastValue] = results[presentValue]!;
      }
      past = next;
      length += count;
      logits.set(results["logits"]!.data as Float32Array);
    },
  };
}

/** [1, kvHeads, positions, headSize] -> the same with fewer positions. */
function firstPositions(tensor: Tensor, count: number): Tensor {
  const [, kvHeads, , headSize] = tensor.dims as [number, number, number, number];
  const shorter = new Tensor("float32", new Float32Array(kvHeads * count * headSize), [1, kvHeads, count, headSize]);
  copyPositions(tensor, shorter, count);
  return shorter;
}

/** Copies the first `count` positions; both are [1, kvHeads, any number of positions, headSize]. */
export function copyPositions(from: Tensor, to: Tensor, count: number): void {
  const [, kvHeads, fromPositions, headSize] = from.dims as [number, number, number, number];
  const toPositions = to.dims[2]!;
  const source = from.data as Float32Array;
  const target = to.data as Float32Array;
  for (let head = 0; head < kvHeads; head++) {
    const start = head * fromPositions * headSize;
    target.set(source.subarray(start, start + count * headSize), head * toPositions * headSize);
  }
}
