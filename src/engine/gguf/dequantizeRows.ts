/** Some rows of a tensor as float32, whatever their type. */

import { dequantize } from "./dequantize.js";
import type { ModelFile, TensorInfo } from "./modelFile.js";

/**
 * Rows `first` to `first + count` of a tensor, [count, shape[0]]. Tensors of more dimensions count as one long list of rows: those of
 * expert e of a [columns, rows, experts] tensor begin at e * rows. Throws `model-unsupported` for a type that cannot be read.
 */
export function dequantizeRows(file: ModelFile, tensor: TensorInfo, first: number, count: number): Float32Array {
  const columns = tensor.shape[0]!;
  const rowBytes = (tensor.byteLength / tensor.elementCount) * columns;
  const bytes = new Uint8Array(count * rowBytes);
  file.readPart(tensor, first * rowBytes, bytes);
  return dequantize(tensor.type.name, bytes, count * columns);
}
