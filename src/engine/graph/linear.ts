/** Matrix products of the graph: y = x W^T, for weights that are packed or plain. */

import type { GraphBuilder, Value } from "../onnx/graphBuilder.js";
import { hookedProduct, type HookContext } from "./hooks.js";
import type { Group } from "./modules.js";
import { BLOCK, residualColumns, type PackedType, type PackedWeight } from "./packedWeight.js";
import type { Matrix, WeightReader } from "./weights.js";

/** What all products of one graph share. */
export interface LinearContext extends HookContext {
  readonly weights: WeightReader;
  /** MatMulNBits' attribute: 4 rounds activations to 8 bits, 1 computes in float32. */
  readonly accuracyLevel: 1 | 4;
  /** Inputs that were extended by their block sums, so that products of one input share the work. */
  readonly extended: Map<string, Value>;
}

/** The same as `linear`, at a place where adapters may join in. */
export function adaptedLinear(
  context: LinearContext,
  x: Value,
  { layer, group }: { readonly layer: number; readonly group: Group },
  matrices: readonly Matrix[],
): Value {
  const rows = matrices.reduce((sum, it) => sum + it.rows, 0);
  const place = { layer, group, rows, columns: matrices[0]!.columns, modules: matrices.length };
  return hookedProduct(context, x, place, (input) => linear(context, input, `${layer}.${group}`, matrices));
}

/** x [..., columns] times each of the matrices, results one after the other: [..., sum of their rows]. */
export function linear(context: LinearContext, x: Value, name: string, matrices: readonly Matrix[]): Value {
  const type = matrices[0]!.packed;
  if (type !== undefined && matrices.every((it) => it.packed === type)) {
    return packedProduct(context, x, name, readPacked(context, type, matrices));
  }
  const parts = matrices.map((it, i) => oneProduct(context, x, `${name}.${i}`, it));
  return parts.length === 1 ? parts[0]! : context.graph.node("Concat", parts, { attributes: { axis: -1 } });
}

function oneProduct(context: LinearContext, x: Value, name: string, matrix: Matrix): Value {
  const { graph, weights } = context;
  if (matrix.packed !== undefined) return packedProduct(context, x, name, readPacked(context, matrix.packed, [matrix]));
  return floatProduct(graph, x, name, matrix.rows, matrix.columns, weights.readFloats(matrix));
}

function readPacked({ graph, weights }: LinearContext, type: PackedType, matrices: readonly Matrix[]): PackedWeight {
  return weights.readPacked(type, matrices, (byteLength) => graph.allocate(byteLength));
}

function packedProduct(context: LinearContext, x: Value, name: string, weight: PackedWeight): Value {
  const { graph, accuracyLevel } = context;
  const { bits, rows, columns, blocks, values, scales, zeroPoints } = weight;
  const inputs = [
    extendBySums(context, x, columns, weight.residualPasses),
    graph.constant(`${name}.values`, "uint8", [rows, blocks, (BLOCK / 8) * bits], values),
    graph.constant(`${name}.scales`, "float32", [rows * blocks], scales),
  ];
  if (zeroPoints !== undefined) {
    inputs.push(graph.constant(`${name}.zeroPoints`, "uint8", [zeroPoints.length], zeroPoints));
  }
  const attributes = { K: blocks * BLOCK, N: rows, bits, block_size: BLOCK, accuracy_level: accuracyLevel };
  return graph.node("MatMulNBits", inputs, { domain: "com.microsoft", attributes });
}

/** [x | sums of x over each block, padded | ...], the sums `passes` times. See packedWeight.ts. */
function extendBySums(context: LinearContext, x: Value, columns: number, passes: number): Value {
  if (passes === 0) return x;
  const key = `${x}:${passes}`;
  const known = context.extended.get(key);
  if (known !== undefined) return known;
  const { graph } = context;
  const sums = graph.node("MatMul", [x, blockSumMatrix(context, columns)]);
  const extended = graph.node("Concat", [x, ...Array<Value>(passes).fill(sums)], { attributes: { axis: -1 } });
  context.extended.set(key, extended);
  return extended;
}

/** [columns, residualColumns(columns)] of 0 and 1: x times it gives the sum of each block. */
function blockSumMatrix(context: LinearContext, columns: number): Value {
  const key = `sums:${columns}`;
  const known = context.extended.get(key);
  if (known !== undefined) return known;
  const width = residualColumns(columns);
  const matrix = new Float32Array(columns * width);
  for (let column = 0; column < columns; column++) matrix[column * width + Math.floor(column / BLOCK)] = 1;
  const value = context.graph.constant(`blockSums.${columns}`, "float32", [columns, width], matrix);
  context.extended.set(key, value);
  return value;
}

/** `values` [rows, columns]; MatMul wants the transpose. */
function floatProduct(
  graph: GraphBuilder,
  x: Value,
  name: string,
  rows: number,
  columns: number,
  values: Float32Array,
): Value {
  const { buffer, byteOffset } = graph.allocate(rows * columns * 4);
  const transposed = new Float32Array(buffer, byteOffset, rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) transposed[column * rows + row] = values[row * columns + column]!;
  }
  return graph.node("MatMul", [x, graph.constant(`${name}.values`, "float32", [columns, rows], transposed)]);
}
