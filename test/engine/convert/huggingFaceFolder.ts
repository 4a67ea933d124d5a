/** Hugging Face folders, written from GGUF models as their makers' folders would look. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { JsonObject } from "../../../src/base/json.js";
import type { ModelFile } from "../../../src/engine/gguf/modelFile.js";
import { temporaryFolder } from "../../temporaryFolder.js";

export interface RawTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: string;
  readonly bytes: Uint8Array;
}

export function writeFolder(file: ModelFile): string {
  const folder = temporaryFolder("hf");
  const { metadata, tensors } = file;
  const architecture = metadata.requiredText("general.architecture");
  const number = (key: string) => metadata.number(`${architecture}.${key}`)!;
  const heads = number("attention.head_count");
  const kvHeads = number("attention.head_count_kv");
  const isPermuted = architecture === "llama";
  const all = [...tensors.values()]
    .filter((it) => it.name !== "rope_freqs.weight")
    .map((tensor): RawTensor => {
      const { name, shape, type } = tensor;
      const bytes = file.read(tensor);
      const permuted = isPermuted && /attn_[qk]\.weight/.test(name);
      return {
        name: ownName(name),
        shape: [...shape].reverse(),
        type: type.name,
        bytes: permuted ? unpermuted(bytes, shape[1]!, name.includes("attn_q") ? heads : kvHeads) : bytes,
      };
    });
  const parts = [all.filter((_, i) => i % 2 === 0), all.filter((_, i) => i % 2 === 1)];
  const partName = (i: number) => `model-0000${i + 1}-of-00002.safetensors`;
  parts.forEach((it, i) => writeSafetensors(join(folder, partName(i)), it));
  const map = Object.fromEntries(parts.flatMap((part, i) => part.map((it) => [it.name, partName(i)])));
  writeJson(folder, "model.safetensors.index.json", { weight_map: map });
  const headSize = metadata.number(`${architecture}.attention.key_length`);
  writeJson(folder, "config.json", {
    model_type: architecture,
    hidden_act: "silu",
    num_hidden_layers: number("block_count"),
    max_position_embeddings: number("context_length"),
    hidden_size: number("embedding_length"),
    intermediate_size: number("feed_forward_length"),
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    ...(headSize !== undefined && { head_dim: headSize }),
    vocab_size: number("vocab_size"),
    rms_norm_eps: number("attention.layer_norm_rms_epsilon"),
    rope_theta: number("rope.freq_base"),
    tie_word_embeddings: !tensors.has("output.weight"),
    ...ropeOf(file, architecture),
  });
  writeTokenizer(folder, file);
  return folder;
}

/** The numbers that the reference set was made with. */
function ropeOf({ metadata, tensors }: ModelFile, architecture: string): JsonObject {
  if (tensors.has("rope_freqs.weight")) {
    const range = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 64 };
    return { rope_scaling: { rope_type: "llama3", factor: 8, ...range } };
  }
  const type = metadata.text(`${architecture}.rope.scaling.type`);
  if (type === undefined) return {};
  const factor = metadata.number(`${architecture}.rope.scaling.factor`)!;
  const original = metadata.number(`${architecture}.rope.scaling.original_context_length`)!;
  return { rope_scaling: { rope_type: type, factor, original_max_position_embeddings: original } };
}

function ownName(name: string): string {
  const outer: Record<string, string> = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
  };
  const inner: Record<string, string> = {
    attn_norm: "input_layernorm",
    ffn_norm: "post_attention_layernorm",
    attn_output: "self_attn.o_proj",
    attn_q_norm: "self_attn.q_norm",
    attn_k_norm: "self_attn.k_norm",
  };
  const [, layer, module, kind] = /^blk\.(\d+)\.(\w+)\.(\w+)$/.exec(name) ?? [];
  if (module === undefined) return outer[name]!;
  const attention = /^attn_([qkv])$/.exec(module);
  const feed = /^ffn_(gate|up|down)$/.exec(module);
  const place = attention ? `self_attn.${attention[1]}_proj` : feed ? `mlp.${feed[1]}_proj` : inner[module];
  return `model.layers.${layer}.${place}.${kind}`;
}

/** [heads, d / 2, 2, in] -> swap the middle axes -> [heads * d, in] (the reference set's README). */
function unpermuted(bytes: Uint8Array, rows: number, heads: number): Uint8Array {
  const rowBytes = bytes.length / rows;
  const half = rows / heads / 2;
  const out = new Uint8Array(bytes.length);
  let to = 0;
  for (let head = 0; head < heads; head++)
    for (let side = 0; side < 2; side++)
      for (let i = 0; i < half; i++) {
        const row = (head * half + i) * 2 + side;
        out.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), to++ * rowBytes);
      }
  return out;
}

const cuts = {
  llama3:
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  qwen2:
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
};

/** As the tokenizers of SmolLM2, Qwen 2 and Llama 3 are written. */
function writeTokenizer(folder: string, { metadata }: ModelFile): void {
  const tokens = metadata.texts("tokenizer.ggml.tokens")!;
  const types = metadata.numbers("tokenizer.ggml.token_type")!;
  const pre = metadata.requiredText("tokenizer.ggml.pre");
  const split = (regex: string) => [
    { type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false },
    { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
  ];
  const steps: Record<string, JsonObject[]> = {
    smollm: [
      { type: "Digits", individual_digits: true },
      { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    ],
    qwen2: split(cuts.qwen2),
    "llama-bpe": split(cuts.llama3),
  };
  const token = (key: string) => tokens[metadata.number(`tokenizer.ggml.${key}_token_id`)!]!;
  const bos = token("bos");
  const single = [{ SpecialToken: { id: bos, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }];
  const addBos = metadata.flag("tokenizer.ggml.add_bos_token") === true;
  writeJson(folder, "tokenizer.json", {
    added_tokens: tokens.flatMap((content, id) =>
      types[id] === 1 ? [] : [{ id, content, special: types[id] === 3, normalized: false }],
    ),
    normalizer: null,
    pre_tokenizer: { type: "Sequence", pretokenizers: steps[pre]! },
    post_processor: {
      type: "Sequence",
      processors: [{ type: "ByteLevel" }, ...(addBos ? [{ type: "TemplateProcessing", single }] : [])],
    },
    model: {
      type: "BPE",
      ignore_merges: pre === "llama-bpe",
      vocab: Object.fromEntries(tokens.flatMap((it, id) => (types[id] === 1 ? [[it, id]] : []))),
      merges: metadata.texts("tokenizer.ggml.merges")!.map((it) => it.split(" ")),
    },
  });
  writeJson(folder, "tokenizer_config.json", {
    bos_token: bos,
    eos_token: { content: token("eos") },
    pad_token: token("padding"),
  });
  writeFileSync(join(folder, "chat_template.jinja"), metadata.requiredText("tokenizer.chat_template"));
}

export function writeSafetensors(path: string, tensors: readonly RawTensor[]): void {
  let offset = 0;
  const entries = tensors.map(({ name, shape, type, bytes }) => {
    const begin = offset;
    offset += bytes.length;
    return [name, { dtype: type, shape, data_offsets: [begin, offset] }];
  });
  const head = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  writeFileSync(path, Buffer.concat([length, head, ...tensors.map((it) => it.bytes)]));
}

function writeJson(folder: string, name: string, value: JsonObject): void {
  writeFileSync(join(folder, name), JSON.stringify(value));
}

export function editJson(folder: string, name: string, change: (value: JsonObject) => JsonObject): void {
  writeJson(folder, name, change(JSON.parse(readFileSync(join(folder, name), "utf8")) as JsonObject));
}
