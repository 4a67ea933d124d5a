/** The keys and values of one sequence, as the decoder's session is fed and filled with them. */

import type { InferenceSession, Tensor } from "onnxruntime-node";

import type { ModelShape } from "../graph/modelShape.js";

export interface KvCache {
  /** Positions filled. */
  readonly length: number;
  /** Positions there is room for. */
  readonly capacity: number;
  /** Forgets everything from this position on. */
  truncate(length: number): void;
  /** Takes the first `length` positions of another cache of the same model, in place of its own. */
  copyFrom(other: KvCache, length: number): void;
  /** Takes these in place of its own: for each layer, [count, kvHeads * headSize]. */
  fill(layers: readonly LayerKeysValues[], count: number): void;
}

export interface LayerKeysValues {
  readonly key: Float32Array;
  readonly value: Float32Array;
}

/** A cache as the decoder of this folder drives it. */
export interface RunnableCache extends KvCache {
  /** Every tensor [1, kvHeads, positions, headSize] under its name as an input. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Runs `feeds` (all but the cache's own tensors), which append `count` positions, and leaves the results in `outputs`. */
  run(session: InferenceSession, feeds: InferenceSession.FeedsType, count: number, outputs: Outputs): Promise<void>;
}

/** What a run computes beside the cache: tensors that are filled. */
export type Outputs = Readonly<Record<string, Tensor>>;

/** Caches of several sequences that can go one step together. */
export interface CacheRows {
  readonly rows: readonly KvCache[];
  /** The first `count` of them, in the same memory: they can go a step without the others. */
  first(count: number): CacheRows;
}

export interface RunnableRows extends CacheRows {
  /** As in RunnableCache, for one position of each row. */
  run(session: InferenceSession, feeds: InferenceSession.FeedsType, outputs: Outputs): Promise<void>;
}

export type CacheKind = "in-place" | "copied";

export type CacheShape = Pick<ModelShape, "layers" | "kvHeads" | "headSize">;
