/** Reads a file's tensors in the form that the graph needs them, and refuses by name what it cannot. */

import { TillerError } from "../../base/error.js";
import type { Precision } from "../../protocol/engine.js";
import { canDequantize, dequantize, readableTypes } from "../gguf/dequantize.js";
import { dequantizeRows } from "../gguf/dequantizeRows.js";
import type { ModelFile, TensorInfo } from "../gguf/modelFile.js";
import {
  allocatePacked,
  isPackedType,
  layoutOf,
  type Allocate,
  type PackedType,
  type PackedWeight,
} from "./packedLayout.js";
import { packInto } from "./packedWeight.js";

/** A matrix of the file, found and checked but not read. */
export interface Matrix {
  readonly tensor: TensorInfo;
  readonly rows: number;
  readonly columns: number;
  /** The matrix is kept quantised as this type; otherwise it is decoded to float32. */
  readonly packed: PackedType | undefined;
}

/**
 * Passes over what the zero points of Q4_1 and its like lose (packLevels.ts). One costs a KL of 0.001, a fifth of what rounding
 * the activations costs in `fast`; three cost nothing that can be measured.
 */
const residualPasses: Readonly<Record<Precision, number>> = { fast: 1, exact: 3 };

/** Matrices are read in pieces of about this size. */
const PIECE_BYTES = 1 << 20;

export interface WeightReader {
  /** Of packed matrices whose layout has residual columns. */
  readonly residualPasses: number;
  has(name: string): boolean;
  /** A vector of `size` float32 values. */
  vector(name: string, size: number): Float32Array;
  /** Throws `model-corrupt` when the tensor is missing or has another shape. */
  matrix(name: string, rows: number, columns: number): Matrix;
  /** Matrices of equal size that are one tensor. */
  stack(name: string, count: number, rows: number, columns: number): Matrix[];
  /** Rows of packed matrices of one layout and width, one below the other. */
  readPacked(matrices: readonly Matrix[], allocate: Allocate): PackedWeight;
  /** [rows, columns] */
  readFloats(matrix: Matrix): Float32Array;
  /** What the matrix takes in the graph. */
  byteLength(matrix: Matrix): number;
}

export function weightReader(file: ModelFile, { precision }: { readonly precision: Precision }): WeightReader {
  const find = (name: string, shape: readonly number[]) => findTensor(file, name, shape);
  // One for all matrices: hundreds of them would stay in memory until the garbage collector finds the time.
  let piece = new Uint8Array(0);
  const pieceOf = (bytes: number) => {
    if (piece.length < bytes) piece = new Uint8Array(bytes);
    return piece.subarray(0, bytes);
  };
  return {
    residualPasses: residualPasses[precision],
    has: (name) => file.tensors.has(name),
    vector: (name, size) => {
      const tensor = find(name, [size]);
      return dequantize(tensor.type.name, file.read(tensor), size);
    },
    matrix: (name, rows, columns) => {
      const tensor = find(name, [columns, rows]);
      return { tensor, rows, columns, packed: packedTypeOf(tensor, precision) };
    },
    stack: (name, count, rows, columns) => {
      const whole = find(name, [columns, rows, count]);
      const byteLength = whole.byteLength / count;
      return Array.from({ length: count }, (_, i) => {
        const offset = whole.offset + i * byteLength;
        const tensor = { ...whole, shape: [columns, rows], elementCount: rows * columns, offset, byteLength };
        return { tensor, rows, columns, packed: packedTypeOf(tensor, precision) };
      });
    },
    readPacked: (matrices, allocate) => {
      const rows = matrices.reduce((sum, it) => sum + it.rows, 0);
      const { packed, columns } = matrices[0]!;
      const weight = allocatePacked(layoutOf(packed!), rows, columns, residualPasses[precision], allocate);
      let firstRow = 0;
      for (const matrix of matrices) {
        readRows(file, matrix, pieceOf, (bytes, rows) => {
          packInto(matrix.packed!, weight, firstRow, bytes, rows);
          firstRow += rows;
        });
      }
      return weight;
    },
    byteLength: ({ packed, rows, columns }) => {
      if (packed === undefined) return rows * columns * 4;
      let total = 0;
      const count = (byteLength: number) => {
        total += byteLength;
        return new Uint8Array(0);
      };
      allocatePacked(layoutOf(packed), rows, columns, residualPasses[precision], count);
      return total;
    },
    readFloats: ({ tensor, rows }) => dequantizeRows(file, tensor, 0, rows),
  };
}

/** Reads a matrix some rows at a time into what `pieceOf` gives; each call of `take` finds it overwritten. */
function readRows(
  file: ModelFile,
  { tensor, rows }: Matrix,
  pieceOf: (bytes: number) => Uint8Array,
  take: (bytes: Uint8Array, rows: number) => void,
): void {
  const rowBytes = tensor.byteLength / rows;
  const rowsAtOnce = Math.min(rows, Math.max(1, Math.floor(PIECE_BYTES / rowBytes)));
  for (let row = 0; row < rows; row += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - row);
    const bytes = pieceOf(count * rowBytes);
    file.readPart(tensor, row * rowBytes, bytes);
    take(bytes, count);
  }
}

function packedTypeOf({ type }: TensorInfo, precision: Precision): PackedType | undefined {
  if (!isPackedType(type.name)) return undefined;
  // onnxruntime has no float32 kernel for 8 bits: it would decode the whole matrix again for every token.
  return layoutOf(type.name).bits === 8 && precision === "exact" ? undefined : type.name;
}

function findTensor(file: ModelFile, name: string, shape: readonly number[]): TensorInfo {
  const found = file.tensors.get(name);
  if (found === undefined) throw new TillerError("model-corrupt", `${file.path}: the tensor "${name}" is missing.`);
  if (found.shape.length !== shape.length || found.shape.some((it, i) => it !== shape[i])) {
    const message = `${file.path}: the tensor "${name}" has the shape [${found.shape}], and the head of the file asks for [${shape}].`;
    throw new TillerError("model-corrupt", message);
  }
  if (canDequantize(found.type.name)) return found;
  const message =
    `${file.path}: the tensor "${name}" is quantised as ${found.type.name}, which this version cannot run. ` +
    `Use a file in one of these: ${readableTypes.join(", ")}.`;
  throw new TillerError("model-unsupported", message);
}
