/** A Hugging Face folder (config.json, tokenizer.json, model*.safetensors) -> a GGUF file with the same weights. */

import { basename, join } from "node:path";
import { existsSync } from "node:fs";

import { TillerError } from "../../base/error.js";
import { tensorTypeNamed } from "../gguf/tensorTypes.js";
import { ggufEntry, writeGgufFile, type GgufValue, type StreamedTensor, type WriteOptions } from "../gguf/writeGguf.js";
import { openSafetensors, type SafeTensor, type SafetensorsFile } from "../safetensors/safetensorsFile.js";
import { bytesOf } from "../safetensors/writeSafetensors.js";
import { readConversion, requiredTensors, targetOf, type Conversion, type TargetTensor } from "./architectures.js";
import { objectAt, readJsonFile } from "./jsonFile.js";
import { readTokenizerJson } from "./tokenizerJson.js";

export interface ConvertedModel {
  readonly architecture: string;
  readonly sizeBytes: number;
  readonly tensorCount: number;
}

/** llama.cpp's numbers for the kind of a file. */
const fileTypes: Readonly<Record<SafeTensor["type"], number>> = { F32: 0, F16: 1, BF16: 32 };
const PIECE_BYTES = 1 << 22;

/**
 * Matrices keep their type; vectors become float32, as llama.cpp wants them. Rejects with `model-not-found`, `model-corrupt`,
 * `model-unsupported` (by name), `file-unwritable`, or the signal's reason.
 */
export async function convertFolder(folder: string, out: string, options: WriteOptions): Promise<ConvertedModel> {
  const config = readJsonFile(folder, "config.json");
  if (config === undefined) {
    const message = `${folder} has no config.json: it is not a folder of a Hugging Face model.`;
    throw new TillerError("model-not-found", message);
  }
  const conversion = readConversion(config, folder);
  const files = shardNames(folder).map((it) => openSafetensors(join(folder, it), "model"));
  try {
    const found = new Map<string, FoundTensor>();
    for (const file of files) {
      for (const tensor of file.tensors.values()) {
        const target = targetOf(tensor.name, conversion);
        if (target !== undefined) found.set(target.name, { file, tensor, target });
      }
    }
    const missing = requiredTensors(conversion).filter((it) => !found.has(it));
    if (0 < missing.length) {
      const message = `${folder}: ${missing.length} tensors of the model are missing, such as the one that becomes "${missing[0]}".`;
      throw new TillerError("model-corrupt", message);
    }
    checkShapes(folder, conversion, found);
    const rows = found.get("token_embd.weight")!.tensor.shape[0]!;
    const metadata: Record<string, GgufValue> = {
      "general.architecture": conversion.architecture,
      "general.type": "model",
      "general.name": basename(folder),
      "general.file_type": { count: fileTypes[found.get("blk.0.attn_q.weight")!.tensor.type] },
      ...conversion.metadata,
      ...readTokenizerJson(folder, rows),
    };
    const entries = Object.entries(metadata).map(([key, value]) => ggufEntry(key, value));
    const tensors = [...found.values()].map(streamed);
    if (conversion.ropeFactors !== undefined) tensors.push(vector("rope_freqs.weight", conversion.ropeFactors));
    const sizeBytes = await writeGgufFile(out, { entries, tensors }, options);
    return { architecture: conversion.architecture, sizeBytes, tensorCount: tensors.length };
  } finally {
    files.forEach((it) => it.close());
  }
}

interface FoundTensor {
  readonly file: SafetensorsFile;
  readonly tensor: SafeTensor;
  readonly target: TargetTensor;
}

/** The files that the index names, or the only one. Throws `model-not-found` by name. */
function shardNames(folder: string): string[] {
  const index = readJsonFile(folder, "model.safetensors.index.json");
  const map = objectAt(index, "weight_map");
  if (map === undefined) {
    if (existsSync(join(folder, "model.safetensors"))) return ["model.safetensors"];
    const message = `${folder} has neither model.safetensors nor model.safetensors.index.json. Weights in other forms (.bin, .pt) cannot be converted.`;
    throw new TillerError("model-not-found", message);
  }
  const names = [...new Set(Object.values(map).map(String))].sort();
  const outside = names.find((it) => it !== basename(it));
  if (outside !== undefined)
    throw new TillerError("model-corrupt", `${folder}: the index names "${outside}", which is not in the folder.`);
  const missing = names.filter((it) => !existsSync(join(folder, it)));
  if (missing.length === 0) return names;
  const message = `${folder}: ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing; the index names ${names.length} files.`;
  throw new TillerError("model-not-found", message);
}

function checkShapes(
  folder: string,
  { heads, kvHeads, headSize }: Conversion,
  found: ReadonlyMap<string, FoundTensor>,
): void {
  for (const [name, rows] of [
    ["blk.0.attn_q.weight", heads * headSize],
    ["blk.0.attn_k.weight", kvHeads * headSize],
  ] as const) {
    const { shape, name: own } = found.get(name)!.tensor;
    if (shape.length === 2 && shape[0] === rows) continue;
    const message = `${folder}: the tensor "${own}" has the shape [${shape}], and config.json asks for ${rows} rows.`;
    throw new TillerError("model-corrupt", message);
  }
}

function streamed({ file, tensor, target }: FoundTensor): StreamedTensor {
  const { name } = target;
  if (tensor.shape.length < 2) return vector(name, permutedVector(file.read(tensor), target));
  const rows = tensor.shape[0]!;
  const rowBytes = tensor.byteLength / rows;
  return {
    name,
    shape: [...tensor.shape].reverse(),
    type: tensorTypeNamed(tensor.type)!,
    *pieces() {
      const rowsAtOnce = Math.max(1, Math.floor(PIECE_BYTES / rowBytes));
      for (let row = 0; row < rows; row += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, rows - row);
        const bytes = new Uint8Array(count * rowBytes);
        if (target.order === "as they are") file.readPart(tensor, row * rowBytes, bytes);
        else {
          for (let i = 0; i < count; i++) {
            const from = sourceRow(row + i, rows / target.heads);
            file.readPart(tensor, from * rowBytes, bytes.subarray(i * rowBytes, (i + 1) * rowBytes));
          }
        }
        yield bytes;
      }
    },
  };
}

/** Row 2i of a head is its row i here, row 2i + 1 its row i + headSize / 2. */
function sourceRow(row: number, headSize: number): number {
  const inHead = row % headSize;
  return row - inHead + (inHead >> 1) + (inHead & 1) * (headSize / 2);
}

function permutedVector(values: Float32Array, { order, heads }: TargetTensor): Float32Array {
  return order === "as they are" ? values : values.map((_, i) => values[sourceRow(i, values.length / heads)]!);
}

function vector(name: string, values: Float32Array): StreamedTensor {
  return {
    name,
    shape: [values.length],
    type: tensorTypeNamed("F32")!,
    *pieces() {
      yield bytesOf(values);
    },
  };
}
