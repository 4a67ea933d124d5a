/** The keys and values of one sequence, as the decoder's session is fed and filled with them. */

import type { InferenceSession } from "onnxruntime-node";

import type { ModelShape } from "../graph/modelShape.js";

export interface KvCache {
  /** Positions filled. */
  readonly length: number;
  /** Positions there is room for. */
  readonly capacity: number;
  /** Forgets everything from this position on. */
  truncate(length: number): void;
}

/** A cache as the decoder of this folder drives it. */
export interface RunnableCache extends KvCache {
  /**
   * Runs `feeds` (all but the cache's own tensors), which append `count` positions, and leaves the logits in `logits`
   * [rows, vocabulary].
   */
  run(session: InferenceSession, feeds: InferenceSession.FeedsType, count: number, logits: Float32Array): Promise<void>;
}

export type CacheKind = "in-place" | "copied";

export type CacheShape = Pick<ModelShape, "layers" | "kvHeads" | "headSize" | "vocabularySize">;
