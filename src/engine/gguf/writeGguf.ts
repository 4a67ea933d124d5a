/** Writes GGUF files, version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). */

import { bytesOf } from "../safetensors/writeSafetensors.js";
import type { RawEntry } from "./rawMetadata.js";
import { tensorTypeNamed, type TensorType } from "./tensorTypes.js";
import { openWholeFile } from "./wholeFile.js";

export type GgufValue =
  | string
  | boolean
  | readonly string[]
  | { readonly float: number }
  | { readonly count: number }
  | { readonly floats: readonly number[] }
  | { readonly whole: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** The length of a row first. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A tensor whose bytes are made while the file is written: files may be larger than memory. */
export interface StreamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** The bytes, in pieces: together as many as shape and type say. */
  pieces(): Iterable<Uint8Array>;
}

const VERSION = 3;
const ALIGNMENT = 32;
const types = { count: 4, whole: 5, float: 6, flag: 7, text: 8, list: 9 } as const;

/** A small file, in memory, of float32 tensors. */
export function ggufBytes(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Uint8Array {
  const type = tensorTypeNamed("F32")!;
  const head = ggufHead(
    Object.entries(metadata).map(([key, value]) => ggufEntry(key, value)),
    tensors.map(({ name, shape }) => ({ name, shape, type })),
    ALIGNMENT,
  );
  return Buffer.concat([
    head,
    ...tensors.flatMap(({ values }) => [bytesOf(values), padding(values.byteLength, ALIGNMENT)]),
  ]);
}

export interface GgufFile {
  readonly entries: readonly RawEntry[];
  readonly tensors: readonly StreamedTensor[];
  /** The value of `general.alignment`, if the entries have that key. Default: 32. */
  readonly alignment?: number;
}

export interface WriteOptions {
  readonly signal: AbortSignal;
  /** Told after each piece: bytes of tensors that are written, of all. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/**
 * The file is there whole or not at all. Between the pieces others have their turn, so that a cancel is seen; then it rejects
 * with the signal's reason. Rejects with `file-unwritable` where the disk is full. Returns the file's size.
 */
export async function writeGgufFile(
  path: string,
  { entries, tensors, alignment = ALIGNMENT }: GgufFile,
  { signal, onProgress }: WriteOptions,
): Promise<number> {
  const file = openWholeFile(path);
  try {
    const head = ggufHead(entries, tensors, alignment);
    const total = tensors.reduce((sum, it) => sum + sizeOf(it), 0);
    file.write(head);
    let done = 0;
    let size = head.length;
    for (const tensor of tensors) {
      const start = done;
      for (const bytes of tensor.pieces()) {
        file.write(bytes);
        done += bytes.length;
        onProgress(done, total);
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
      if (done - start !== sizeOf(tensor)) throw new Error(`${tensor.name} has ${done - start} bytes`);
      const filling = padding(sizeOf(tensor), alignment);
      file.write(filling);
      size += done - start + filling.length;
    }
    file.commit();
    return size;
  } finally {
    file.discard();
  }
}

export function ggufEntry(key: string, value: GgufValue): RawEntry {
  return { key, bytes: Buffer.concat([text(key), ...valueBytes(value)]) };
}

interface TensorHead {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
}

/** Everything before the first tensor's bytes. */
function ggufHead(entries: readonly RawEntry[], tensors: readonly TensorHead[], alignment: number): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from("GGUF"), uint32(VERSION), uint64(tensors.length), uint64(entries.length)];
  parts.push(...entries.map((it) => it.bytes));
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    parts.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(type.id), uint64(offset));
    offset += padded(sizeOf(tensor), alignment);
  }
  const head = Buffer.concat(parts);
  return Buffer.concat([head, padding(head.length, alignment)]);
}

function sizeOf({ shape, type }: TensorHead): number {
  return (shape.reduce((a, b) => a * b, 1) / type.blockSize) * type.blockBytes;
}

function valueBytes(value: GgufValue): Uint8Array[] {
  if (typeof value === "string") return [uint32(types.text), text(value)];
  if (typeof value === "boolean") return [uint32(types.flag), Uint8Array.of(value ? 1 : 0)];
  if ("count" in value) return [uint32(types.count), uint32(value.count)];
  if ("float" in value) return [uint32(types.float), float(value.float)];
  if ("floats" in value) return list(types.float, value.floats.length, bytesOf(Float32Array.from(value.floats)));
  if ("whole" in value) {
    const { buffer } = Int32Array.from(value.whole);
    return list(types.whole, value.whole.length, new Uint8Array(buffer));
  }
  return list(types.text, value.length, Buffer.concat(value.map(text)));
}

function list(type: number, length: number, items: Uint8Array): Uint8Array[] {
  return [uint32(types.list), uint32(type), uint64(length), items];
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function float(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
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

function padded(length: number, alignment: number): number {
  return Math.ceil(length / alignment) * alignment;
}

function padding(length: number, alignment: number): Uint8Array {
  return Buffer.alloc(padded(length, alignment) - length);
}
