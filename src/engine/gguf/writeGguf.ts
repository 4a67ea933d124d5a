/** Writes float32 tensors as a GGUF file, version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). */

import { bytesOf } from "../safetensors/writeSafetensors.js";

export type GgufValue = string | { readonly float: number } | { readonly count: number };

export interface GgufTensor {
  readonly name: string;
  /** The length of a row first. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const VERSION = 3;
const ALIGNMENT = 32;
const types = { count: 4, float: 6, text: 8 } as const;
const F32 = 0;

export function ggufBytes(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Uint8Array {
  const entries = Object.entries(metadata);
  const parts: Uint8Array[] = [Buffer.from("GGUF"), uint32(VERSION), uint64(tensors.length), uint64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), ...valueBytes(value));
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    parts.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(F32), uint64(offset));
    offset += padded(values.byteLength);
  }
  const head = Buffer.concat(parts);
  const data = tensors.flatMap(({ values }) => [bytesOf(values), padding(values.byteLength)]);
  return Buffer.concat([head, padding(head.length), ...data]);
}

function valueBytes(value: GgufValue): Uint8Array[] {
  if (typeof value === "string") return [uint32(types.text), text(value)];
  if ("count" in value) return [uint32(types.count), uint32(value.count)];
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value.float);
  return [uint32(types.float), bytes];
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function padding(length: number): Uint8Array {
  return Buffer.alloc(padded(length) - length);
}
