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
  /** Takes the first `length` positions of another cache of the same model and capacity, in place of its own. */
  copyFrom(other: KvCache, length: number): void;
}

/** A cache as the decoder of this folder drives it. */
export interface RunnableCache extends KvCache {
  /** Every tensor [1, kvHeads, positions, headSize] under its name as an input. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /**
   * Runs `feeds` (all but the cache's own tensors), which append `count` positions, and leaves the logits in `logits`
   * [rows, vocabulary].
   */
  run(session: InferenceSession, feeds: InferenceSession.FeedsType, count: number, logits: Float32Array): Promise<void>;
}

export type CacheKind = "in-place" | "copied";

export type CacheShape = Pick<ModelShape, "layers" | "kvHeads" | "headSize" | "vocabularySize">;
