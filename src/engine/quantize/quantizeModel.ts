/** A GGUF model -> the same model with other weight types, in a file that llama.cpp reads as well. */

import type { ModelFile } from "../gguf/modelFile.js";
import { dequantize } from "../gguf/dequantize.js";
import { readRawMetadata } from "../gguf/rawMetadata.js";
import { ggufEntry, writeGgufFile, type StreamedTensor, type WriteOptions } from "../gguf/writeGguf.js";
import type { Plan, PlannedTensor } from "./plan.js";
import { quantizeRows } from "./quantize.js";
import type { WritableType } from "./writableTypes.js";

/** Mean squared inputs of matrices, by the names of their tensors; see importance.ts. */
export type Importance = ReadonlyMap<string, Float32Array>;

/** Values of a tensor that are handled at once. */
const PIECE_VALUES = 1 << 19;

/** llama.cpp's numbers for the kind of a file, by the type of most of its weights (LLAMA_FTYPE in llama.h). */
const fileTypes: Readonly<Record<WritableType, number>> = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q8_0: 7,
  Q5_0: 8,
  Q5_1: 9,
  Q2_K: 10,
  Q3_K: 11,
  Q4_K: 14,
  Q5_K: 16,
  Q6_K: 18,
  BF16: 32,
};
/** Of the formats' definitions; it has been 2 since 2023. */
const QUANTIZATION_VERSION = 2;

/** Keys of the head that are about the file and not about the model. All others are taken over byte for byte. */
const ownKeys = ["general.file_type", "general.quantization_version"];

/** Writes the file `out`, whole or not at all; returns its size. Rejects as `writeGgufFile` does. */
export async function quantizeModel(
  file: ModelFile,
  out: string,
  { plan, type, importance }: { readonly plan: Plan; readonly type: WritableType; readonly importance?: Importance },
  options: WriteOptions,
): Promise<number> {
  const kept = readRawMetadata(file.path).filter(({ key }) => !ownKeys.includes(key) && !key.startsWith("split."));
  const entries = [
    ...kept,
    ggufEntry("general.quantization_version", { count: QUANTIZATION_VERSION }),
    ggufEntry("general.file_type", { count: fileTypes[type] }),
  ];
  const tensors = plan.tensors.map((it) => streamed(file, it, importance?.get(it.tensor.name)));
  const alignment = file.metadata.number("general.alignment");
  return writeGgufFile(out, { entries, tensors, ...(alignment !== undefined && { alignment }) }, options);
}

function streamed(
  file: ModelFile,
  { tensor, type, isCopied }: PlannedTensor,
  importance: Float32Array | undefined,
): StreamedTensor {
  const { name, shape } = tensor;
  const columns = shape[0]!;
  const rows = tensor.elementCount / columns;
  const rowBytes = tensor.byteLength / rows;
  const rowsAtOnce = Math.max(1, Math.floor(PIECE_VALUES / columns));
  return {
    name,
    shape,
    type,
    *pieces() {
      for (let row = 0; row < rows; row += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, rows - row);
        const bytes = new Uint8Array(count * rowBytes);
        file.readPart(tensor, row * rowBytes, bytes);
        if (isCopied) yield bytes;
        else {
          const values = dequantize(tensor.type.name, bytes, count * columns);
          yield quantizeRows(type.name as WritableType, values, columns, importance);
        }
      }
    },
  };
}
