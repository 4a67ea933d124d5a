/** The keys and values of one sequence, as the decoder's session is fed and filled with them. */

import { Tensor, type InferenceSession } from "onnxruntime-node";

import type { CacheType } from "../../protocol/engine.js";
import type { ModelShape } from "../graph/modelShape.js";

export interface KvCache {
  /** Positions filled. */
  readonly length: number;
  /** Positions there is room for. */
  readonly capacity: number;
  /** Positions that can be appended in one run. */
  readonly room: number;
  /** Forgets everything from this position on; a cache that cannot go back so far forgets everything. */
  truncate(length: number): void;
  /** Takes the first `length` positions of another cache of the same kind, or none when that has forgotten too much. */
  copyFrom(other: KvCache, length: number): void;
  /** Takes these in place of its own: for each layer, [count, kvHeads * headSize]. */
  fill(layers: readonly LayerKeysValues[], count: number): void;
  /** Lets go of memory that is not the garbage collector's. It is not used afterwards. */
  dispose(): void;
}

export interface LayerKeysValues {
  readonly key: Float32Array;
  readonly value: Float32Array;
}

/** A cache as the decoder of this folder drives it. */
export interface RunnableCache extends KvCache {
  /** Every tensor [1, kvHeads, positions, headSize] under its name as an input. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Where the next `count` tokens go. To be asked before each run. */
  place(count: number): Placement;
  /** Runs `feeds` (all but the cache's own tensors), which append `count` positions, and leaves the results in `outputs`. */
  run(session: InferenceSession, feeds: InferenceSession.FeedsType, count: number, outputs: Outputs): Promise<void>;
}

export interface Placement {
  /** Entries before the first new one. */
  readonly slot: number;
  /** Where the first new token stands. */
  readonly position: number;
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

/** `device`: they stay where the model is computed. */
export type CacheKind = "in-place" | "copied" | "device";

export interface CacheShape extends Pick<ModelShape, "layers" | "kvHeads" | "headSize"> {
  readonly cacheType: CacheType;
}

/** What a cache's tensors hold. */
export type CacheData = Float32Array | Int8Array;

export function cacheTensor(type: CacheType, data: CacheData, dims: readonly number[]): Tensor {
  return type === "int8"
    ? new Tensor("int8", data as Int8Array, dims)
    : new Tensor("float32", data as Float32Array, dims);
}

/** A tensor of zeros; pages that are never written take no memory. */
export function emptyCacheTensor(type: CacheType, dims: readonly number[]): Tensor {
  const size = dims.reduce((a, b) => a * b, 1);
  return cacheTensor(type, type === "int8" ? new Int8Array(size) : new Float32Array(size), dims);
}
