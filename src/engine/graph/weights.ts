/** Reads a file's tensors in the form that the graph needs them, and refuses by name what it cannot. */

import { TillerError } from "../../base/error.js";
import type { Precision } from "../../protocol/engine.js";
import { canDequantize, dequantize } from "../gguf/dequantize.js";
import type { ModelFile, TensorInfo } from "../gguf/modelFile.js";
import { packQ4_0, packQ4_1, packQ8_0, type PackedWeight } from "./packedWeight.js";

/** A matrix: quantised blocks, or plain numbers [rows, columns]. */
export type Matrix =
  | { readonly kind: "packed"; readonly columns: number; readonly weight: PackedWeight }
  | { readonly kind: "float"; readonly columns: number; readonly rows: number; readonly values: Float32Array };

/**
 * Passes over what the zero points of Q4_1 lose (packedWeight.ts). One costs a KL of 0.001, a fifth of what rounding the
 * activations costs in `fast`; two cost nothing that can be measured.
 */
const residualPasses: Readonly<Record<Precision, number>> = { fast: 1, exact: 3 };

export interface WeightReader {
  has(name: string): boolean;
  /** The raw tensor; throws `model-corrupt` when it is missing or its shape is another. */
  tensor(name: string, shape: readonly number[]): TensorInfo;
  /** A vector of `size` float32 values. */
  vector(name: string, size: number): Float32Array;
  matrix(name: string, rows: number, columns: number): Matrix;
  bytes(tensor: TensorInfo): Uint8Array;
}

export function weightReader(file: ModelFile, options: { readonly precision: Precision }): WeightReader {
  const tensor = (name: string, shape: readonly number[]): TensorInfo => {
    const found = file.tensors.get(name);
    if (found === undefined) throw new TillerError("model-corrupt", `${file.path}: the tensor "${name}" is missing.`);
    if (found.shape.length !== shape.length || found.shape.some((it, i) => it !== shape[i])) {
      const message = `${file.path}: the tensor "${name}" has the shape [${found.shape}], and the head of the file asks for [${shape}].`;
      throw new TillerError("model-corrupt", message);
    }
    checkType(found, file.path);
    return found;
  };
  return {
    has: (name) => file.tensors.has(name),
    tensor,
    bytes: (it) => file.read(it),
    vector: (name, size) => {
      const found = tensor(name, [size]);
      return dequantize(found.type.name, file.read(found), size);
    },
    matrix: (name, rows, columns) => {
      const found = tensor(name, [columns, rows]);
      return toMatrix(found.type.name, file.read(found), rows, columns, options.precision);
    },
  };
}

function toMatrix(type: string, bytes: Uint8Array, rows: number, columns: number, precision: Precision): Matrix {
  switch (type) {
    case "Q4_0":
      return { kind: "packed", columns, weight: packQ4_0(bytes, rows, columns) };
    case "Q4_1":
      return { kind: "packed", columns, weight: packQ4_1(bytes, rows, columns, residualPasses[precision]) };
    case "Q8_0":
      // onnxruntime has no float32 kernel for 8 bits: it would decode the whole matrix again for every token.
      if (precision === "exact") break;
      return { kind: "packed", columns, weight: packQ8_0(bytes, rows, columns) };
  }
  return { kind: "float", columns, rows, values: dequantize(type, bytes, rows * columns) };
}

function checkType({ name, type }: TensorInfo, path: string): void {
  if (canDequantize(type.name)) return;
  const message =
    `${path}: the tensor "${name}" is quantised as ${type.name}, which this version cannot run. ` +
    "Use a file in Q4_0, Q4_1, Q8_0, F16, BF16 or F32.";
  throw new TillerError("model-unsupported", message);
}
