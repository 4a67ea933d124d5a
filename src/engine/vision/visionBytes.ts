/** What the weights of a vision part take in memory while it looks at pictures, from the head of its file. */

import type { Precision } from "../../protocol/engine.js";
import type { ModelFile } from "../gguf/modelFile.js";
import { weightReader } from "../graph/weights.js";
import type { VisionShape } from "./visionShape.js";

/** Throws `model-corrupt` and `model-unsupported` for tensors that cannot be run. */
export function visionBytes(
  file: ModelFile,
  { tileSize, patchSize, heads }: VisionShape,
  precision: Precision,
): number {
  const weights = weightReader(file, { precision });
  let total = 0;
  for (const { name, shape, elementCount } of file.tensors.values()) {
    const [columns, rows] = shape;
    total += shape.length === 2 ? weights.byteLength(weights.matrix(name, rows!, columns!)) : elementCount * 4;
  }
  // Every patch of a tile attends to every other.
  return total + 4 * heads * (tileSize / patchSize) ** 4;
}
