/** Reads the keys that most decoder architectures write alike, under their own name. */

import { TillerError } from "../../base/error.js";
import type { GgufMetadata } from "../gguf/metadata.js";
import type { ModelShape } from "./modelShape.js";

export function readCommonShape(
  metadata: GgufMetadata,
  vocabularySize: number,
  { ropeInterleaved }: { readonly ropeInterleaved: boolean },
): ModelShape {
  const architecture = metadata.requiredText("general.architecture");
  const key = (name: string) => `${architecture}.${name}`;
  const heads = metadata.requiredCount(key("attention.head_count"));
  const hiddenSize = metadata.requiredCount(key("embedding_length"));
  const headSize = metadata.number(key("attention.key_length")) ?? hiddenSize / heads;
  const shape: ModelShape = {
    architecture,
    layers: metadata.requiredCount(key("block_count")),
    hiddenSize,
    feedForwardSize: metadata.requiredCount(key("feed_forward_length")),
    heads,
    kvHeads: metadata.number(key("attention.head_count_kv")) ?? heads,
    headSize,
    vocabularySize,
    contextLength: metadata.requiredCount(key("context_length")),
    normEpsilon: metadata.number(key("attention.layer_norm_rms_epsilon")) ?? 1e-5,
    rope: {
      base: metadata.number(key("rope.freq_base")) ?? 10000,
      size: metadata.number(key("rope.dimension_count")) ?? headSize,
      interleaved: ropeInterleaved,
    },
  };
  checkShape(shape);
  const scaling = metadata.text(key("rope.scaling.type"));
  if (scaling !== undefined && scaling !== "none") {
    throw new TillerError(
      "model-unsupported",
      `The model stretches its positions by "${scaling}", which this version cannot run yet.`,
    );
  }
  return shape;
}

function checkShape({ heads, kvHeads, headSize, layers, rope }: ModelShape): void {
  const wrong = (what: string) => new TillerError("model-corrupt", `The head of the file is wrong: ${what}.`);
  if (!Number.isInteger(headSize) || headSize < 1)
    throw wrong(`the hidden size is not a multiple of its ${heads} heads`);
  if (!Number.isInteger(kvHeads) || kvHeads < 1 || heads % kvHeads !== 0)
    throw wrong(`${heads} heads cannot share ${kvHeads} key-value heads`);
  if (!Number.isInteger(rope.size) || rope.size % 2 !== 0 || rope.size < 2 || headSize < rope.size) {
    throw wrong(`${rope.size} dimensions of a head of ${headSize} cannot be rotated`);
  }
  if (4096 < layers) throw wrong(`${layers} layers`);
}
