/** Matrix products of the graph: y = x W^T, for weights that are packed or plain. */

import type { GraphBuilder, Value } from "../onnx/graphBuilder.js";
import { hookedProduct, type HookContext } from "./hooks.js";
import type { Group } from "./modules.js";
import { isSameLayout, layoutOf, residualColumns, type PackedWeight } from "./packedLayout.js";
import type { Matrix, WeightReader } from "./weights.js";

/** What all products of one graph share. */
export interface LinearContext extends HookContext {
  readonly weights: WeightReader;
  /** MatMulNBits' attribute: 4 rounds activations to 8 bits, 1 computes in float32. */
  readonly accuracyLevel: 1 | 4;
  /** Inputs that were extended by their block sums, so that products of one input share the work. */
  readonly extended: Map<string, Value>;
  /** Filled with a further output for the input of each product; undefined where nobody wants to know. */
  readonly observed?: ObservedInput[] | undefined;
}

/** An output of the graph: sums of squares of what goes into some matrices, over all positions of a step. */
export interface ObservedInput {
  /** The output's name; its shape is [columns]. */
  readonly output: string;
  readonly columns: number;
  /** The matrices' tensors. */
  readonly tensors: readonly string[];
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

/**
 * x [..., columns] times each of the matrices, results one after the other: [..., sum of their rows]. Neighbours of one layout
 * are one product; files that mix types (Q4_K_M: the values of every other layer in Q6_K) need several.
 */
export function linear(context: LinearContext, x: Value, name: string, matrices: readonly Matrix[]): Value {
  observe(context, x, matrices);
  const runs = runsOfOneLayout(matrices);
  if (runs.length === 1) return oneProduct(context, x, name, runs[0]!);
  const parts = runs.map((it, i) => oneProduct(context, x, `${name}.${i}`, it));
  return context.graph.node("Concat", parts, { attributes: { axis: -1 } });
}

function observe({ graph, observed }: LinearContext, x: Value, matrices: readonly Matrix[]): void {
  if (observed === undefined) return;
  const tensors = matrices.map((it) => it.tensor.name);
  const { columns } = matrices[0]!;
  const flat = graph.node("Reshape", [x, graph.integers([-1, columns])]);
  const output = graph.output(`squares.${tensors[0]}`, "float32", [columns]);
  graph.nodeInto("ReduceSumSquare", [flat, graph.integers([0])], [output], { attributes: { keepdims: 0 } });
  observed.push({ output, columns, tensors });
}

function runsOfOneLayout(matrices: readonly Matrix[]): Matrix[][] {
  const runs: Matrix[][] = [];
  for (const matrix of matrices) {
    const run = runs.at(-1);
    const last = run?.[0]?.packed;
    const isAlike =
      last !== undefined &&
      matrix.packed !== undefined &&
      isSameLayout(layoutOf(last), layoutOf(matrix.packed)) &&
      run![0]!.columns === matrix.columns;
    if (isAlike) run!.push(matrix);
    else runs.push([matrix]);
  }
  return runs;
}

/** Several matrices only if they are packed, in one layout. */
function oneProduct(context: LinearContext, x: Value, name: string, matrices: readonly Matrix[]): Value {
  const { graph, weights } = context;
  const [{ packed, rows, columns }] = matrices as [Matrix];
  if (packed === undefined) return floatProduct(graph, x, name, rows, columns, weights.readFloats(matrices[0]!));
  const weight = weights.readPacked(matrices, (byteLength) => graph.allocate(byteLength));
  return packedProduct(context, x, name, weight);
}

function packedProduct(context: LinearContext, x: Value, name: string, weight: PackedWeight): Value {
  const { graph, accuracyLevel } = context;
  const { bits, block, rows, blocks, values, scales, zeroPoints } = weight;
  const inputs = [
    extendBySums(context, x, weight),
    graph.constant(`${name}.values`, "uint8", [rows, blocks, (block / 8) * bits], values),
    graph.constant(`${name}.scales`, "float32", [rows * blocks], scales),
  ];
  if (zeroPoints !== undefined) {
    inputs.push(graph.constant(`${name}.zeroPoints`, "uint8", [zeroPoints.length], zeroPoints));
  }
  const attributes = { K: blocks * block, N: rows, bits, block_size: block, accuracy_level: accuracyLevel };
  return graph.node("MatMulNBits", inputs, { domain: "com.microsoft", attributes });
}

/**
 * For products of parts of x, each with some of the matrices: x with its block sums, where all matrices want the same ones, so
 * that they are not made for every part. `isPart` is to be called with each part before it is multiplied.
 */
export function extendOnce(
  context: LinearContext,
  x: Value,
  matrices: readonly Matrix[],
): { readonly value: Value; readonly isPart: (part: Value) => void } {
  const [first] = matrices;
  const layout = first?.packed && layoutOf(first.packed);
  const areAlike = matrices.every((it) => it.packed !== undefined && isSameLayout(layoutOf(it.packed), layout!));
  // Whoever wants to know what goes into a matrix wants it without the sums.
  if (layout?.minimum !== "residual columns" || !areAlike || context.observed !== undefined)
    return { value: x, isPart: () => undefined };
  const { columns } = first!;
  const { block } = layout;
  const { residualPasses } = context.weights;
  const value = extendBySums(context, x, { columns, block, residualPasses });
  return { value, isPart: (part) => void context.extended.set(extensionKey(part, block, residualPasses), part) };
}

function extensionKey(x: Value, block: number, passes: number): string {
  return `${x}:${block}:${passes}`;
}

/** [x | sums of x over each block, padded | ...], the sums once for each pass. See packLevels.ts. */
function extendBySums(
  context: LinearContext,
  x: Value,
  { columns, block, residualPasses: passes }: Pick<PackedWeight, "columns" | "block" | "residualPasses">,
): Value {
  if (passes === 0) return x;
  const key = extensionKey(x, block, passes);
  const known = context.extended.get(key);
  if (known !== undefined) return known;
  const { graph } = context;
  const isWide = LARGEST_SUM_MATRIX < 4 * columns * residualColumns(columns, block);
  const sums = isWide
    ? reducedSums(graph, x, columns, block)
    : graph.node("MatMul", [x, blockSumMatrix(context, columns, block)]);
  const extended = graph.node("Concat", [x, ...Array<Value>(passes).fill(sums)], { attributes: { axis: -1 } });
  context.extended.set(key, extended);
  return extended;
}

/**
 * Bytes up to which a product with a matrix of 0 and 1 is faster than adding up, which takes more nodes. The matrix grows with
 * the square of the columns: of 8,192 it would be read for 0.4 ms, against 0.02 ms.
 */
const LARGEST_SUM_MATRIX = 1 << 20;

/** x [..., columns] -> [..., residualColumns(columns)], as the product with `blockSumMatrix`. */
function reducedSums(graph: GraphBuilder, x: Value, columns: number, block: number): Value {
  const blocks = columns / block;
  const width = residualColumns(columns, block);
  const flat = graph.node("Reshape", [x, graph.integers([-1, blocks, block])]);
  // The last dimension stays until the end: onnxruntime does not drop it where there is no token.
  const sums = graph.node("ReduceSum", [flat, graph.integers([-1])], { attributes: { keepdims: 1 } });
  const padded = blocks === width ? sums : graph.node("Pad", [sums, graph.integers([0, 0, 0, 0, width - blocks, 0])]);
  const outer = graph.node("Shape", [x], { attributes: { end: -1 } });
  const shape = graph.node("Concat", [outer, graph.integers([width])], { attributes: { axis: 0 } });
  return graph.node("Reshape", [padded, shape]);
}

/** [columns, residualColumns(columns)] of 0 and 1: x times it gives the sum of each block. */
function blockSumMatrix(context: LinearContext, columns: number, block: number): Value {
  const key = `sums:${columns}:${block}`;
  const known = context.extended.get(key);
  if (known !== undefined) return known;
  const width = residualColumns(columns, block);
  const matrix = new Float32Array(columns * width);
  for (let column = 0; column < columns; column++) matrix[column * width + Math.floor(column / block)] = 1;
  const value = context.graph.constant(`blockSums.${columns}.${block}`, "float32", [columns, width], matrix);
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
