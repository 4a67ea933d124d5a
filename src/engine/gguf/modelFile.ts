/**
 * A GGUF model, opened: its head checked against the file's real size, its tensors read on demand. Whatever the head claims,
 * reading stays inside the file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). A model in several files is
 * opened by any of them, and is one model from then on.
 */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { gguf } from "@huggingface/gguf";

import { messageOf, TillerError } from "../../base/error.js";
import { GgufMetadata } from "./metadata.js";
import { readShardFacts, shardPaths, type ShardFacts } from "./shards.js";
import { tensorType, type TensorType } from "./tensorTypes.js";

export interface TensorInfo {
  readonly name: string;
  readonly type: TensorType;
  /** As in the file: the length of a row first. A matrix is [columns, rows]. */
  readonly shape: readonly number[];
  readonly elementCount: number;
  /** From the beginning of the file that it lies in. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface ModelFile {
  /** Of the first file, if there are several. */
  readonly path: string;
  /** Of all files. */
  readonly sizeBytes: number;
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The tensor's bytes, at an address divisible by 8. */
  read(tensor: TensorInfo): Uint8Array;
  /** Fills `target` with the tensor's bytes from `offset` (counted within the tensor) on. */
  readPart(tensor: TensorInfo, offset: number, target: Uint8Array): void;
  close(): void;
}

/** Rejects with `model-not-found`, `file-unreadable`, `model-corrupt` or `model-unsupported`. */
export async function openModelFile(path: string): Promise<ModelFile> {
  const file = await openFileAlone(path);
  const facts = attempt(file, () => readShardFacts(file.metadata, path));
  if (facts === undefined) return file;
  file.close();
  return openShards(shardPaths(path, facts), facts);
}

/** One file, which may be a part of a model. Rejects as `openModelFile` does. */
export async function openFileAlone(path: string): Promise<ModelFile> {
  const descriptor = openForReading(path);
  try {
    const { size } = fstatSync(descriptor);
    checkMagic(descriptor, path, size);
    const head = await readHead(path);
    const tensors = checkTensors(head.tensorInfos, Number(head.tensorDataOffset), size, path);
    return {
      path,
      sizeBytes: size,
      metadata: new GgufMetadata({ ...head.metadata }, path),
      tensors,
      read: (tensor) => {
        const bytes = new Uint8Array(tensor.byteLength);
        readPart(descriptor, path, tensor, 0, bytes);
        return bytes;
      },
      readPart: (tensor, offset, target) => readPart(descriptor, path, tensor, offset, target),
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** The head of the first file holds what is not about tensors. */
async function openShards(paths: readonly string[], { count, tensorCount }: ShardFacts): Promise<ModelFile> {
  const files: ModelFile[] = [];
  const close = () => files.forEach((it) => it.close());
  try {
    const tensors = new Map<string, TensorInfo>();
    // By name: a part of a tensor is another object of the same name.
    const homes = new Map<string, ModelFile>();
    for (const [i, path] of paths.entries()) {
      const file = await openFileAlone(path);
      files.push(file);
      const found = readShardFacts(file.metadata, path);
      if (found?.index !== i || found.count !== count) {
        throw new TillerError("model-corrupt", `${path} is not file ${i + 1} of ${count}: get all files again.`);
      }
      for (const tensor of file.tensors.values()) {
        if (tensors.has(tensor.name))
          throw new TillerError("model-corrupt", `${path}: tensor "${tensor.name}" is in another file too.`);
        tensors.set(tensor.name, tensor);
        homes.set(tensor.name, file);
      }
    }
    if (tensorCount !== undefined && tensorCount !== tensors.size) {
      const message = `${paths[0]}: the model has ${tensorCount} tensors, and its ${count} files hold ${tensors.size}. Get them again.`;
      throw new TillerError("model-corrupt", message);
    }
    return {
      path: paths[0]!,
      sizeBytes: files.reduce((sum, it) => sum + it.sizeBytes, 0),
      metadata: files[0]!.metadata,
      tensors,
      read: (tensor) => homes.get(tensor.name)!.read(tensor),
      readPart: (tensor, offset, target) => homes.get(tensor.name)!.readPart(tensor, offset, target),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function attempt<T>(file: ModelFile, action: () => T): T {
  try {
    return action();
  } catch (error) {
    file.close();
    throw error;
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      throw new TillerError(
        "model-not-found",
        `There is no model file at ${path}. Check the path, or leave it out to use the embedded model.`,
      );
    }
    throw new TillerError("file-unreadable", `The model file ${path} cannot be opened (${code ?? String(error)}).`);
  }
}

function checkMagic(descriptor: number, path: string, size: number): void {
  const magic = new Uint8Array(4);
  try {
    readSync(descriptor, magic, 0, 4, 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TillerError("file-unreadable", `${path} cannot be read (${code ?? String(error)}): it is not a file.`);
  }
  if (new TextDecoder().decode(magic) === "GGUF") return;
  const what = size === 0 ? "the file is empty" : 'it does not begin with "GGUF"';
  throw new TillerError("model-corrupt", `${path} is not a GGUF model file: ${what}.`);
}

async function readHead(path: string) {
  try {
    return await gguf(path, { allowLocalFile: true });
  } catch (error) {
    // The library reports every kind of damage as a plain Error; each of them means the same to the user.
    const reason = messageOf(error);
    throw new TillerError(
      "model-corrupt",
      `The head of ${path} cannot be read: ${reason}. The file is damaged or cut off; get it again.`,
      { cause: error },
    );
  }
}

interface RawTensor {
  readonly name: string;
  readonly shape: readonly bigint[];
  readonly dtype: number;
  readonly offset: bigint;
}

function checkTensors(
  raw: readonly RawTensor[],
  dataOffset: number,
  size: number,
  path: string,
): Map<string, TensorInfo> {
  const tensors = new Map<string, TensorInfo>();
  for (const { name, shape, dtype, offset } of raw) {
    const corrupt = (what: string) => new TillerError("model-corrupt", `${path}: tensor "${name}" ${what}.`);
    if (name === "" || tensors.has(name)) throw corrupt(name === "" ? "has no name" : "is there twice");
    const type = tensorType(dtype);
    if (type === undefined) {
      throw new TillerError(
        "model-unsupported",
        `${path}: tensor "${name}" has the unknown type ${dtype}. The file needs a newer Tiller.`,
      );
    }
    const dimensions = shape.map(Number);
    const elementCount = dimensions.reduce((a, b) => a * b, 1);
    if (!Number.isSafeInteger(elementCount) || elementCount < 1)
      throw corrupt(`has the impossible shape [${dimensions}]`);
    if (dimensions[0]! % type.blockSize !== 0) {
      throw corrupt(`is ${type.name}, whose rows are multiples of ${type.blockSize}, but has rows of ${dimensions[0]}`);
    }
    const byteLength = (elementCount / type.blockSize) * type.blockBytes;
    const start = dataOffset + Number(offset);
    if (!Number.isSafeInteger(start) || start < dataOffset || size < start + byteLength) {
      throw corrupt(
        `lies outside the file (it should end at byte ${start + byteLength}, the file has ${size}). The file is cut off; get it again`,
      );
    }
    tensors.set(name, { name, type, shape: dimensions, elementCount, offset: start, byteLength });
  }
  return tensors;
}

function readPart(descriptor: number, path: string, tensor: TensorInfo, from: number, target: Uint8Array): void {
  let done = 0;
  while (done < target.length) {
    // One read call takes at most 2 GiB.
    const length = Math.min(target.length - done, 1 << 30);
    const count = readSync(descriptor, target, done, length, tensor.offset + from + done);
    if (count === 0) {
      throw new TillerError(
        "model-corrupt",
        `${path}: the file ended inside tensor "${tensor.name}"; it was changed while it was read.`,
      );
    }
    done += count;
  }
}
