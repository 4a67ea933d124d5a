/**
 * A cache for models some of whose layers are short convolutions (graph/shortConvolution.ts). What such a layer needs is the
 * last few positions; all of them are kept, so that the cache can be cut back to any length and be copied like any other.
 */

import { Tensor } from "onnxruntime-node";

import { TillerError } from "../../base/error.js";
import type { ModelShape } from "../graph/modelShape.js";
import { convolutionNames } from "../graph/shortConvolution.js";
import type { RunnableCache } from "./kvCache.js";

interface WithHistory extends RunnableCache {
  readonly inner: RunnableCache;
  /** By layers: [kernel - 1 + capacity, hidden]. The first rows are 0: nothing stands before the first position. */
  readonly histories: ReadonlyMap<number, Float32Array>;
}

/** Adds to `inner`, which holds keys and values, what the convolutions of `shape` need. */
export function withConvolutionHistory(inner: RunnableCache, { hiddenSize, convolution }: ModelShape): RunnableCache {
  if (convolution === undefined) return inner;
  const { kernel, layers } = convolution;
  const before = (kernel - 1) * hiddenSize;
  const own = layers.flatMap((isConvolution, layer) => (isConvolution ? [layer] : []));
  // Pages that are never written take no memory.
  const histories = new Map(own.map((it) => [it, new Float32Array(before + inner.capacity * hiddenSize)]));
  const cache: WithHistory = {
    inner,
    histories,
    capacity: inner.capacity,
    get length() {
      return inner.length;
    },
    get room() {
      return inner.room;
    },
    place: (count) => inner.place(count),
    get tensors() {
      return inner.tensors;
    },
    truncate: (to) => inner.truncate(to),
    dispose: () => inner.dispose(),
    copyFrom(other, count) {
      const from = other as WithHistory;
      inner.copyFrom(from.inner, count);
      for (const [layer, history] of histories)
        history.set(from.histories.get(layer)!.subarray(0, before + count * hiddenSize));
    },
    fill() {
      const message = "Prefix tuning is not for models with convolutions: they have no keys that could stand in front.";
      throw new TillerError("adapter-unsupported", message);
    },
    async run(session, feeds, count, outputs) {
      const at = inner.length * hiddenSize;
      const pasts: Record<string, Tensor> = {};
      const presents: Record<string, Tensor> = {};
      for (const [layer, history] of histories) {
        const names = convolutionNames(layer);
        pasts[names.past] = new Tensor("float32", history.subarray(at, at + before), [1, kernel - 1, hiddenSize]);
        const present = history.subarray(at + before, at + before + count * hiddenSize);
        presents[names.present] = new Tensor("float32", present, [1, count, hiddenSize]);
      }
      await inner.run(session, { ...feeds, ...pasts }, count, { ...outputs, ...presents });
    },
  };
  return cache;
}
