/**
 * Which models of Hugging Face become which architecture of GGUF files: keys, names of tensors, and the order of rows. Facts:
 * https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/constants.py.
 */

import { TillerError } from "../../base/error.js";
import type { JsonObject } from "../../base/json.js";
import type { GgufValue } from "../gguf/writeGguf.js";
import { numberAt, objectAt, textAt } from "./jsonFile.js";

export interface Conversion {
  /** The value of `general.architecture`. */
  readonly architecture: string;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  /** Rows of q and k are permuted, so that pairs of the rotation are neighbours. */
  readonly permutesHeads: boolean;
  readonly isTied: boolean;
  readonly metadata: Readonly<Record<string, GgufValue>>;
  /** Divisors of the rotation's frequencies, for Llama 3's long contexts. */
  readonly ropeFactors: Float32Array | undefined;
}

interface Row {
  readonly architecture: string;
  readonly permutesHeads: boolean;
}

/** By `model_type` in config.json. */
const table: Readonly<Record<string, Row>> = {
  llama: { architecture: "llama", permutesHeads: true },
  mistral: { architecture: "llama", permutesHeads: true },
  qwen2: { architecture: "qwen2", permutesHeads: false },
  qwen3: { architecture: "qwen3", permutesHeads: false },
};

/** Throws `model-unsupported` by name for what cannot be converted, `model-corrupt` for numbers that are missing. */
export function readConversion(config: JsonObject, path: string): Conversion {
  const type = textAt(config, "model_type") ?? "";
  const row = Object.hasOwn(table, type) ? table[type] : undefined;
  if (row === undefined) {
    const known = Object.keys(table).join(", ");
    const message = `${path} is a model of the type "${type}", which cannot be converted yet. Those can: ${known}.`;
    throw new TillerError("model-unsupported", message);
  }
  if (objectAt(config, "quantization_config") !== undefined) {
    const method = textAt(objectAt(config, "quantization_config"), "quant_method") ?? "unknown";
    throw new TillerError(
      "model-unsupported",
      `${path} is quantized already (${method}), in a form that GGUF files do not have. Convert the original model and use tiller quantize.`,
    );
  }
  const need = (key: string) => {
    const value = numberAt(config, key);
    if (value !== undefined && Number.isInteger(value) && 0 < value) return value;
    throw new TillerError("model-corrupt", `${path}: config.json has no "${key}" that is a whole number above 0.`);
  };
  const { architecture, permutesHeads } = row;
  const activation = textAt(config, "hidden_act") ?? "silu";
  if (activation !== "silu")
    throw new TillerError("model-unsupported", `${path} has the activation "${activation}"; ${architecture} has silu.`);
  for (const key of architecture === "llama" ? ["attention_bias", "mlp_bias"] : []) {
    if (config[key] === true)
      throw new TillerError("model-unsupported", `${path} has "${key}", which the architecture llama does not have.`);
  }
  const heads = need("num_attention_heads");
  const hiddenSize = need("hidden_size");
  const headSize = numberAt(config, "head_dim") ?? hiddenSize / heads;
  const kvHeads = numberAt(config, "num_key_value_heads") ?? heads;
  const layers = need("num_hidden_layers");
  // Newer files keep all of this in `rope_parameters`.
  const rope = objectAt(config, "rope_parameters") ?? objectAt(config, "rope_scaling");
  const ropeBase = numberAt(config, "rope_theta") ?? numberAt(rope, "rope_theta") ?? 10000;
  const scaling = readScaling(rope, { ropeBase, headSize, path });
  const key = (name: string) => `${architecture}.${name}`;
  return {
    architecture,
    layers,
    heads,
    kvHeads,
    headSize,
    permutesHeads,
    isTied: config["tie_word_embeddings"] === true,
    ropeFactors: scaling.factors,
    metadata: {
      [key("block_count")]: { count: layers },
      [key("context_length")]: { count: need("max_position_embeddings") },
      [key("embedding_length")]: { count: hiddenSize },
      [key("feed_forward_length")]: { count: need("intermediate_size") },
      [key("attention.head_count")]: { count: heads },
      [key("attention.head_count_kv")]: { count: kvHeads },
      [key("attention.layer_norm_rms_epsilon")]: { float: numberAt(config, "rms_norm_eps") ?? 1e-6 },
      [key("attention.key_length")]: { count: headSize },
      [key("attention.value_length")]: { count: headSize },
      [key("rope.freq_base")]: { float: ropeBase },
      ...(architecture === "llama" && { [key("rope.dimension_count")]: { count: headSize } }),
      [key("vocab_size")]: { count: need("vocab_size") },
      ...Object.fromEntries(Object.entries(scaling.metadata).map(([name, value]) => [key(name), value])),
    },
  };
}

interface Scaling {
  readonly metadata: Readonly<Record<string, GgufValue>>;
  readonly factors: Float32Array | undefined;
}

function readScaling(
  rope: JsonObject | undefined,
  { ropeBase, headSize, path }: { readonly ropeBase: number; readonly headSize: number; readonly path: string },
): Scaling {
  const type = textAt(rope, "rope_type") ?? textAt(rope, "type") ?? "default";
  const factor = numberAt(rope, "factor") ?? 1;
  switch (type) {
    case "default":
      return { metadata: {}, factors: undefined };
    case "linear":
      return {
        metadata: { "rope.scaling.type": "linear", "rope.scaling.factor": { float: factor } },
        factors: undefined,
      };
    case "yarn": {
      const original = numberAt(rope, "original_max_position_embeddings");
      const metadata = {
        "rope.scaling.type": "yarn",
        "rope.scaling.factor": { float: factor },
        ...(original !== undefined && { "rope.scaling.original_context_length": { count: original } }),
      };
      return { metadata, factors: undefined };
    }
    case "llama3":
      return { metadata: {}, factors: llama3Factors(rope!, factor, ropeBase, headSize) };
    default: {
      const message = `${path} stretches its positions by "${type}", which cannot be converted yet. These can: linear, yarn, llama3.`;
      throw new TillerError("model-unsupported", message);
    }
  }
}

/** Waves that are long in the original context are slowed by `factor`, short ones not at all, those between by a part of it. */
function llama3Factors(rope: JsonObject, factor: number, base: number, headSize: number): Float32Array {
  const lowest = numberAt(rope, "low_freq_factor") ?? 1;
  const highest = numberAt(rope, "high_freq_factor") ?? 4;
  const original = numberAt(rope, "original_max_position_embeddings") ?? 8192;
  return Float32Array.from({ length: headSize / 2 }, (_, i) => {
    const wave = 2 * Math.PI * base ** ((2 * i) / headSize);
    if (wave < original / highest) return 1;
    if (original / lowest < wave) return factor;
    const smooth = (original / wave - lowest) / (highest - lowest);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

/** The rows of one head group that are permuted, or none. */
export type RowOrder = "as they are" | "permuted heads";

export interface TargetTensor {
  readonly name: string;
  readonly order: RowOrder;
  /** Heads whose rows are permuted. */
  readonly heads: number;
}

const layerNames: Readonly<Record<string, string>> = {
  input_layernorm: "attn_norm",
  post_attention_layernorm: "ffn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  "self_attn.q_norm": "attn_q_norm",
  "self_attn.k_norm": "attn_k_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};
const outerNames: Readonly<Record<string, string>> = {
  "model.embed_tokens.weight": "token_embd.weight",
  "model.norm.weight": "output_norm.weight",
  "lm_head.weight": "output.weight",
};

/** Undefined for tensors that GGUF files do without. Throws `model-unsupported` for one that nobody knows. */
export function targetOf(
  name: string,
  { permutesHeads, isTied, heads, kvHeads }: Conversion,
): TargetTensor | undefined {
  const plain = { order: "as they are", heads: 0 } as const;
  if (name.endsWith("rotary_emb.inv_freq")) return undefined;
  if (isTied && name === "lm_head.weight") return undefined;
  if (Object.hasOwn(outerNames, name)) return { name: outerNames[name]!, ...plain };
  const [, layer, module = "", kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (layer === undefined || !Object.hasOwn(layerNames, module)) {
    const message = `The model has a tensor "${name}", which its architecture does not have: it is not what its config.json says.`;
    throw new TillerError("model-unsupported", message);
  }
  const target = `blk.${layer}.${layerNames[module]}.${kind}`;
  if (!permutesHeads || (module !== "self_attn.q_proj" && module !== "self_attn.k_proj"))
    return { name: target, ...plain };
  return { name: target, order: "permuted heads", heads: module === "self_attn.q_proj" ? heads : kvHeads };
}

/** Tensors without which there is no model. */
export function requiredTensors({ layers, isTied }: Conversion): string[] {
  const inLayer = [
    "attn_norm",
    "ffn_norm",
    "attn_q",
    "attn_k",
    "attn_v",
    "attn_output",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
  ];
  return [
    "token_embd.weight",
    "output_norm.weight",
    ...(isTied ? [] : ["output.weight"]),
    ...Array.from({ length: layers }, (_, layer) => inLayer.map((it) => `blk.${layer}.${it}.weight`)).flat(),
  ];
}
