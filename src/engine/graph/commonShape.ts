/** Reads the keys that most decoder architectures write alike, under their own name. */

import { TillerError } from "../../base/error.js";
import type { GgufMetadata } from "../gguf/metadata.js";
import type { ExpertShape, ModelShape, RopeScaling, RopeShape } from "./modelShape.js";

export interface CommonShapeOptions {
  /** Whether rows of q and k are permuted in these files so that pairs of the rotation are neighbours. */
  readonly ropeInterleaved: boolean;
  /** Norms subtract the mean: their epsilon has another key. */
  readonly layerNorm?: boolean;
}

export function readCommonShape(
  metadata: GgufMetadata,
  vocabularySize: number,
  { ropeInterleaved, layerNorm = false }: CommonShapeOptions,
): ModelShape {
  const architecture = metadata.requiredText("general.architecture");
  const key = (name: string) => `${architecture}.${name}`;
  const heads = metadata.requiredCount(key("attention.head_count"));
  const hiddenSize = metadata.requiredCount(key("embedding_length"));
  const headSize = metadata.number(key("attention.key_length")) ?? hiddenSize / heads;
  const contextLength = metadata.requiredCount(key("context_length"));
  const layers = metadata.requiredCount(key("block_count"));
  const scaling = readRopeScaling(metadata, architecture, contextLength);
  const rope: RopeShape = {
    base: metadata.number(key("rope.freq_base")) ?? 10000,
    size: metadata.number(key("rope.dimension_count")) ?? headSize,
    interleaved: ropeInterleaved,
    ...(scaling !== undefined && { scaling }),
  };
  const shape: ModelShape = {
    architecture,
    layers,
    hiddenSize,
    feedForwardSize: metadata.requiredCount(key("feed_forward_length")),
    heads,
    kvHeads: kvHeadsOf(metadata, key("attention.head_count_kv")) ?? heads,
    headSize,
    vocabularySize,
    contextLength,
    normEpsilon: metadata.number(key(`attention.layer_norm_${layerNorm ? "" : "rms_"}epsilon`)) ?? 1e-5,
    rope,
    attention: { scale: 1 / Math.sqrt(headSize), layers: everyLayer(layers, { rope }) },
    scales: {},
  };
  checkShape(shape);
  if (headSize % 8 !== 0) {
    throw new TillerError(
      "model-unsupported",
      `The model's heads have ${headSize} numbers; this version runs only multiples of 8.`,
    );
  }
  const valueSize = metadata.number(key("attention.value_length")) ?? headSize;
  if (valueSize === headSize) return shape;
  throw new TillerError(
    "model-unsupported",
    `The model's keys have ${headSize} numbers a head and its values ${valueSize}; this version runs only equal ones.`,
  );
}

/** One item for each layer; most models have equal ones. */
export function everyLayer<T>(layers: number, item: T): T[] {
  return Array.from({ length: Math.min(layers, MOST_LAYERS) }, () => item);
}

/** Undefined where the model has no experts. */
export function readExperts(
  metadata: GgufMetadata,
  architecture: string,
  { normalized }: { readonly normalized: boolean },
): ExpertShape | undefined {
  const key = (name: string) => `${architecture}.${name}`;
  const count = metadata.number(key("expert_count")) ?? 0;
  if (count === 0) return undefined;
  const used = metadata.requiredCount(key("expert_used_count"));
  if (count < used || MOST_EXPERTS < count) {
    throw new TillerError("model-corrupt", `The head of the file is wrong: ${used} of ${count} experts a token.`);
  }
  return {
    count,
    used,
    normalized: metadata.flag(key("expert_weights_norm")) ?? normalized,
    scale: metadata.number(key("expert_weights_scale")) || 1,
  };
}

/** For architectures that are nothing without experts. */
export function requireExperts(
  metadata: GgufMetadata,
  architecture: string,
  options: { readonly normalized: boolean },
): ExpertShape {
  metadata.requiredCount(`${architecture}.expert_count`);
  return readExperts(metadata, architecture, options)!;
}

/** Some architectures write a list, one number a layer. The layers may differ only in having heads or none. */
function kvHeadsOf(metadata: GgufMetadata, key: string): number | undefined {
  if (!metadata.isList(key)) return metadata.number(key);
  const counts = [...new Set(metadata.numbers(key)!.filter((it) => it !== 0))];
  if (counts.length === 1) return counts[0]!;
  throw new TillerError(
    "model-unsupported",
    `The model's layers have ${counts.join(" and ")} key-value heads; this version runs only layers that have equally many.`,
  );
}

function readRopeScaling(metadata: GgufMetadata, architecture: string, contextLength: number): RopeScaling | undefined {
  const key = (name: string) => `${architecture}.rope.scaling.${name}`;
  const factor = metadata.number(key("factor")) ?? metadata.number(`${architecture}.rope.scale_linear`) ?? 0;
  const originalContext = metadata.number(key("original_context_length")) ?? contextLength;
  const magnitude = metadata.number(key("attn_factor")) ?? 1;
  const kind = metadata.text(key("type")) ?? "linear";
  switch (kind) {
    case "none":
      return undefined;
    case "linear":
      return factor === 0 || factor === 1 ? undefined : { kind, factor };
    case "yarn": {
      const betaFast = metadata.number(key("yarn_beta_fast")) ?? 32;
      const betaSlow = metadata.number(key("yarn_beta_slow")) ?? 1;
      return { kind, factor: factor === 0 ? 1 : factor, originalContext, betaFast, betaSlow, magnitude };
    }
    case "longrope":
      return { kind, originalContext, magnitude };
    default: {
      const message = `The model stretches its positions by "${kind}", which this version cannot run. It can run: linear, yarn, longrope.`;
      throw new TillerError("model-unsupported", message);
    }
  }
}

const MOST_LAYERS = 4096;
const MOST_EXPERTS = 4096;

function checkShape({ heads, kvHeads, headSize, layers, rope }: ModelShape): void {
  const wrong = (what: string) => new TillerError("model-corrupt", `The head of the file is wrong: ${what}.`);
  if (!Number.isInteger(headSize) || headSize < 1)
    throw wrong(`the hidden size is not a multiple of its ${heads} heads`);
  if (!Number.isInteger(kvHeads) || kvHeads < 1 || heads % kvHeads !== 0)
    throw wrong(`${heads} heads cannot share ${kvHeads} key-value heads`);
  if (!Number.isInteger(rope.size) || rope.size % 2 !== 0 || rope.size < 2 || headSize < rope.size) {
    throw wrong(`${rope.size} dimensions of a head of ${headSize} cannot be rotated`);
  }
  if (MOST_LAYERS < layers) throw wrong(`${layers} layers`);
}
