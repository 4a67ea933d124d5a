/** A model's session and the one step that everything else is made of: append vectors to a cache, get logits. */

import { Tensor, type InferenceSession } from "onnxruntime-node";

import type { ModelShape } from "../graph/modelShape.js";
import type { OnnxModel } from "../onnx/graphBuilder.js";
import { copiedCache } from "./copiedCache.js";
import { inPlaceCache } from "./inPlaceCache.js";
import type { CacheKind, KvCache, RunnableCache } from "./kvCache.js";
import { createSession } from "./session.js";

export interface Decoder {
  readonly cacheKind: CacheKind;
  newCache(capacity: number): KvCache;
  /**
   * Appends the vectors `embeddings` [count, hidden] to `cache`, which must be this decoder's and have room for them.
   * Returns the logits [rows.length, vocabulary] after the vectors whose indices are in `rows`; the array is the caller's.
   */
  forward(cache: KvCache, embeddings: Float32Array, rows: readonly number[]): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export interface DecoderOptions {
  readonly shape: ModelShape;
  readonly threads: number;
  readonly cacheKind: CacheKind;
}

export async function createDecoder(model: OnnxModel, { shape, threads, cacheKind }: DecoderOptions): Promise<Decoder> {
  const session: InferenceSession = await createSession(model, { threads });
  return {
    cacheKind,
    newCache: (capacity) => (cacheKind === "in-place" ? inPlaceCache : copiedCache)(shape, capacity),
    async forward(cache, embeddings, rows) {
      const count = embeddings.length / shape.hiddenSize;
      const total = cache.length + count;
      if (cache.capacity < total) throw new Error(`a cache for ${cache.capacity} positions cannot hold ${total}`);
      const feeds = {
        embeddings: new Tensor("float32", embeddings, [1, count, shape.hiddenSize]),
        lastPositions: new Tensor("int32", Int32Array.of(total - 1), [1]),
        totalLength: new Tensor("int32", Int32Array.of(total), []),
        rows: new Tensor("int64", BigInt64Array.from(rows, BigInt), [rows.length]),
      };
      const logits = new Float32Array(rows.length * shape.vocabularySize);
      await (cache as RunnableCache).run(session, feeds, count, logits);
      return logits;
    },
    dispose: () => session.release(),
  };
}
