/**
 * A cache that GroupQueryAttention appends to in place, and outputs that nobody copies.
 *
 * The same tensor is fed as `past` and fetched as `present`: the operator then writes only the new positions. The binding
 * would still copy every output into a new array after the run (189 MB a step at 4,096 positions of the embedded model). The
 * graph's first output is therefore a sequence, which the binding cannot convert: it throws when everything has been computed
 * into the preallocated tensors, and before it copies any. selfTest.ts checks at start-up that this still holds.
 */

import { Tensor, type InferenceSession } from "onnxruntime-node";

import { cacheNames } from "../graph/layers.js";
import { copyPositions } from "./copiedCache.js";
import type { CacheShape, RunnableCache } from "./kvCache.js";

/** What the binding says when it meets the sentinel. */
const SENTINEL_ERROR = /Non tensor type/;

export function inPlaceCache(shape: CacheShape, capacity: number): RunnableCache {
  const { layers, kvHeads, headSize, vocabularySize } = shape;
  const past: Record<string, Tensor> = {};
  const present: Record<string, Tensor> = {};
  for (let layer = 0; layer < layers; layer++) {
    const names = cacheNames(layer);
    // [1, kvHeads, capacity, headSize]; pages that are never written take no memory.
    const key = zeros(kvHeads, capacity, headSize);
    const value = zeros(kvHeads, capacity, headSize);
    Object.assign(past, { [names.pastKey]: key, [names.pastValue]: value });
    Object.assign(present, { [names.presentKey]: key, [names.presentValue]: value });
  }
  let length = 0;
  return {
    capacity,
    get length() {
      return length;
    },
    truncate(to) {
      length = Math.min(length, to);
    },
    tensors: past,
    copyFrom(other, count) {
      const { tensors } = other as RunnableCache;
      for (const [name, tensor] of Object.entries(past)) copyPositions(tensors[name]!, tensor, count);
      length = count;
    },
    async run(session, feeds, count, logits) {
      const rows = logits.length / vocabularySize;
      const fetches = { sentinel: null, logits: new Tensor("float32", logits, [rows, vocabularySize]), ...present };
      await runToSentinel(session, { ...feeds, ...past }, fetches);
      length += count;
    },
  };
}

export async function runToSentinel(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  fetches: InferenceSession.FetchesType,
): Promise<void> {
  try {
    await session.run(feeds, fetches);
  } catch (error) {
    if (error instanceof Error && SENTINEL_ERROR.test(error.message)) return;
    throw error;
  }
  throw new Error("the binding converted the sentinel: outputs were copied");
}

function zeros(kvHeads: number, capacity: number, headSize: number): Tensor {
  return new Tensor("float32", new Float32Array(kvHeads * capacity * headSize), [1, kvHeads, capacity, headSize]);
}
