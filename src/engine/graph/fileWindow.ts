/**
 * Windows that a file names and its architecture does not count: files of Mistral and Phi 3 say `attention.sliding_window`,
 * and llama.cpp attends to everything all the same, as these models do in practice. Whoever wants the window asks for it.
 */

import { TillerError } from "../../base/error.js";
import type { GgufMetadata } from "../gguf/metadata.js";
import type { ModelShape } from "./modelShape.js";

/** Throws `usage` for a file without a window; models whose windows count already stay as they are. */
export function withFileWindow(shape: ModelShape, metadata: GgufMetadata): ModelShape {
  const { attention } = shape;
  if (attention.layers.some((it) => it.window !== undefined)) return shape;
  const window = metadata.number(`${shape.architecture}.attention.sliding_window`) ?? 0;
  if (window === 0) throw new TillerError("usage", "The model's file names no sliding window, so none can be used.");
  return { ...shape, attention: { ...attention, layers: attention.layers.map((it) => ({ ...it, window })) } };
}
