// Writes small GGUF files: a llama of one layer with made-up weights, whole or damaged on purpose.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../temporaryFolder.js";

export type MetadataValue =
  string | number | boolean | { readonly float: number } | readonly string[] | readonly number[];

export interface TinyTensor {
  readonly name: string;
  /** Length of a row first. */
  readonly shape: readonly number[];
  /** 0 F32, 1 F16, 2 Q4_0, 3 Q4_1, 8 Q8_0, ... */
  readonly type: number;
  readonly bytes: Uint8Array;
}

export interface TinyModel {
  metadata: Record<string, MetadataValue>;
  tensors: TinyTensor[];
}

const HIDDEN = 32;
const FEED_FORWARD = 64;
/** All bytes, two special tokens, and a few longer ones. */
const specials = ["<|im_start|>", "<|im_end|>"];

/** A model that runs; its text is nonsense. */
export function tinyModel(): TinyModel {
  const byteTokens = Array.from({ length: 256 }, (_, byte) => byteCharacter(byte));
  const tokens = [...specials, ...byteTokens, "Ġt", "he", "Ġthe"];
  const types = tokens.map((_, i) => (i < specials.length ? 3 : 1));
  const vector = (name: string) => floats(name, [HIDDEN], () => 1);
  const matrix = (name: string, rows: number, columns: number) => floats(name, [columns, rows], noise(name));
  const block = (name: string) => `blk.0.${name}.weight`;
  return {
    metadata: {
      "general.architecture": "llama",
      "general.name": "tiny",
      "llama.block_count": 1,
      "llama.context_length": 64,
      "llama.embedding_length": HIDDEN,
      "llama.feed_forward_length": FEED_FORWARD,
      "llama.attention.head_count": 2,
      "llama.attention.head_count_kv": 1,
      "llama.attention.layer_norm_rms_epsilon": { float: 1e-5 },
      "llama.rope.freq_base": { float: 10000 },
      "tokenizer.ggml.model": "gpt2",
      "tokenizer.ggml.pre": "smollm",
      "tokenizer.ggml.tokens": tokens,
      "tokenizer.ggml.token_type": types,
      "tokenizer.ggml.merges": ["Ġ t", "h e", "Ġt he"],
      "tokenizer.ggml.bos_token_id": 0,
      "tokenizer.ggml.eos_token_id": 1,
      "tokenizer.ggml.add_bos_token": false,
    },
    tensors: [
      matrix("token_embd.weight", tokens.length, HIDDEN),
      vector("output_norm.weight"),
      vector(block("attn_norm")),
      vector(block("ffn_norm")),
      matrix(block("attn_q"), HIDDEN, HIDDEN),
      matrix(block("attn_k"), HIDDEN / 2, HIDDEN),
      matrix(block("attn_v"), HIDDEN / 2, HIDDEN),
      matrix(block("attn_output"), HIDDEN, HIDDEN),
      matrix(block("ffn_gate"), FEED_FORWARD, HIDDEN),
      matrix(block("ffn_up"), FEED_FORWARD, HIDDEN),
      matrix(block("ffn_down"), HIDDEN, FEED_FORWARD),
    ],
  };
}

/** Writes the model to a new temporary folder, after `damage` had its way with the bytes. */
export function writeTinyModel(model: TinyModel, damage: (bytes: Buffer) => Buffer = (it) => it): string {
  const path = join(temporaryFolder("model"), "tiny.gguf");
  writeFileSync(path, damage(ggufBytes(model)));
  return path;
}

export function ggufBytes({ metadata, tensors }: TinyModel): Buffer {
  const entries = Object.entries(metadata);
  const head = [Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) head.push(text(key), valueBytes(value));
  const data: Buffer[] = [];
  let offset = 0;
  for (const { name, shape, type, bytes } of tensors) {
    head.push(text(name), u32(shape.length), ...shape.map(u64), u32(type), u64(offset));
    const padded = padTo32(bytes);
    data.push(padded);
    offset += padded.length;
  }
  return Buffer.concat([padTo32(Buffer.concat(head)), ...data]);
}

function floats(name: string, shape: readonly number[], next: () => number): TinyTensor {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next);
  return { name, shape, type: 0, bytes: new Uint8Array(values.buffer) };
}

function noise(name: string): () => number {
  let seed = [...name].reduce((sum, it) => (Math.imul(sum, 31) + it.charCodeAt(0)) >>> 0, 7);
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed / 2 ** 32 - 0.5) * 0.6;
  };
}

/** GPT-2's spelling of a byte: printable ones stand for themselves, the others are moved above 255. */
function byteCharacter(byte: number): string {
  const printable = (it: number) => (33 <= it && it <= 126) || (161 <= it && it <= 172) || 174 <= it;
  if (printable(byte)) return String.fromCharCode(byte);
  const hidden = Array.from({ length: byte }, (_, it) => it).filter((it) => !printable(it)).length;
  return String.fromCharCode(256 + hidden);
}

function valueBytes(value: MetadataValue): Buffer {
  if (typeof value === "string") return Buffer.concat([u32(8), text(value)]);
  if (typeof value === "number") return Buffer.concat([u32(4), u32(value)]);
  if (typeof value === "boolean") return Buffer.concat([u32(7), Buffer.from([value ? 1 : 0])]);
  if ("float" in value) {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value.float);
    return Buffer.concat([u32(6), bytes]);
  }
  const isText = typeof value[0] === "string";
  const items = value.map((it) => (typeof it === "string" ? text(it) : u32(it)));
  return Buffer.concat([u32(9), u32(isText ? 8 : 5), u64(value.length), ...items]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function padTo32(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);
}
