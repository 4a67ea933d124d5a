/**
 * A safetensors file, opened: its head checked against the file's real size, its values read on demand
 * (https://github.com/huggingface/safetensors#format).
 */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { TillerError } from "../../base/error.js";
import { dequantize } from "../gguf/dequantize.js";

export interface SafeTensor {
  readonly name: string;
  readonly type: FloatType;
  readonly shape: readonly number[];
  readonly elementCount: number;
  /** From the beginning of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  /** The tensor's values as float32. Throws `adapter-corrupt` for values that are no finite numbers. */
  read(tensor: SafeTensor): Float32Array;
  /** Fills `target` with the tensor's bytes from `offset` (counted within the tensor) on. */
  readPart(tensor: SafeTensor, offset: number, target: Uint8Array): void;
  close(): void;
}

const bytesPerElement = { F32: 4, F16: 2, BF16: 2 } as const;
type FloatType = keyof typeof bytesPerElement;

/** The format's own limit. */
const LARGEST_HEAD = 100 << 20;

/** What the file is to the user: errors have the codes of that kind. */
export type SafetensorsKind = "adapter" | "model";

/** Throws `adapter-not-found`, `file-unreadable`, `adapter-corrupt` or `adapter-unsupported`; for models `model-...`. */
export function openSafetensors(path: string, kind: SafetensorsKind = "adapter"): SafetensorsFile {
  try {
    return openAdapter(path);
  } catch (error) {
    throw kind === "model" && error instanceof TillerError ? asModelError(error) : error;
  }
}

function asModelError({ code, message }: TillerError): TillerError {
  switch (code) {
    case "adapter-not-found":
      return new TillerError("model-not-found", message);
    case "adapter-corrupt":
      return new TillerError("model-corrupt", message);
    case "adapter-unsupported":
      return new TillerError("model-unsupported", message.replace("Adapters are", "Weights are"));
    default:
      return new TillerError(code, message);
  }
}

function openAdapter(path: string): SafetensorsFile {
  const descriptor = openForReading(path);
  try {
    const { size } = fstatSync(descriptor);
    const { head, dataOffset } = readHead(descriptor, path, size);
    const tensors = readTensors(head, dataOffset, size, path);
    return {
      path,
      sizeBytes: size,
      tensors,
      read: (tensor) => readValues(descriptor, path, tensor),
      readPart: (tensor, offset, target) => readInto(descriptor, path, tensor.offset + offset, target),
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new TillerError("adapter-not-found", `There is no file at ${path}.`);
    throw new TillerError("file-unreadable", `${path} cannot be opened (${code ?? String(error)}).`);
  }
}

function corrupt(path: string, what: string): TillerError {
  return new TillerError("adapter-corrupt", `${path}: ${what}. The file is damaged or cut off; get it again.`);
}

function readHead(descriptor: number, path: string, size: number) {
  if (size < 8) throw corrupt(path, "it is too short for a safetensors file");
  const length = Number(readBytes(descriptor, path, 0, 8).readBigUInt64LE());
  if (LARGEST_HEAD < length || size < 8 + length) throw corrupt(path, "its head is longer than the file");
  const text = readBytes(descriptor, path, 8, length).toString("utf8");
  try {
    const head: unknown = JSON.parse(text);
    if (typeof head === "object" && head !== null && !Array.isArray(head)) return { head, dataOffset: 8 + length };
  } catch {
    // Said below.
  }
  throw corrupt(path, "its head is not JSON");
}

function readTensors(head: object, dataOffset: number, size: number, path: string): Map<string, SafeTensor> {
  const tensors = new Map<string, SafeTensor>();
  for (const [name, entry] of Object.entries(head)) {
    if (name === "__metadata__") continue;
    const { type, shape, begin, end } = checkEntry(name, entry, path);
    const elementCount = shape.reduce((a, b) => a * b, 1);
    const byteLength = elementCount * bytesPerElement[type];
    if (end - begin !== byteLength)
      throw corrupt(path, `tensor "${name}" has ${end - begin} bytes and not ${byteLength}`);
    if (size < dataOffset + end)
      throw corrupt(path, `tensor "${name}" ends at byte ${dataOffset + end}, and the file has ${size}`);
    tensors.set(name, { name, type, shape, elementCount, offset: dataOffset + begin, byteLength });
  }
  return tensors;
}

function checkEntry(name: string, entry: unknown, path: string) {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2)
    throw corrupt(path, `the entry of tensor "${name}" is malformed`);
  if (typeof dtype === "string" && dtype in bytesPerElement)
    return { type: dtype as FloatType, shape, begin: offsets[0]!, end: offsets[1]! };
  const types = Object.keys(bytesPerElement).join(", ");
  const message = `${path}: tensor "${name}" has the type ${String(dtype)}. Adapters are read as ${types}: save it as one of these.`;
  throw new TillerError("adapter-unsupported", message);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((it) => Number.isSafeInteger(it) && 0 <= (it as number));
}

function readValues(descriptor: number, path: string, tensor: SafeTensor): Float32Array {
  const bytes = readBytes(descriptor, path, tensor.offset, tensor.byteLength);
  const values = dequantize(tensor.type, bytes, tensor.elementCount);
  // A sum is finite only if all its parts are; it overflows for no values that an adapter has.
  if (!Number.isFinite(values.reduce((sum, it) => sum + it, 0)))
    throw new TillerError(
      "adapter-corrupt",
      `${path}: tensor "${tensor.name}" holds values that are no finite numbers. The training went wrong; use an earlier checkpoint.`,
    );
  return values;
}

/** At an address divisible by 8. */
function readBytes(descriptor: number, path: string, from: number, length: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(length));
  readInto(descriptor, path, from, bytes);
  return bytes;
}

function readInto(descriptor: number, path: string, from: number, target: Uint8Array): void {
  let done = 0;
  while (done < target.length) {
    const count = readSync(descriptor, target, done, Math.min(target.length - done, 1 << 30), from + done);
    if (count === 0) throw corrupt(path, "the file ended while it was read");
    done += count;
  }
}
