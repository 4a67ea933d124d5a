/** Weights of experts: tensors [experts, rows, columns] of a file, as the operators for mixtures of experts want them. */

import type { DecoderContext } from "./layers.js";
import type { ExpertShape } from "./modelShape.js";
import type { Matrix } from "./weights.js";

/** Float32. */
export interface FloatExperts {
  readonly kind: "floats";
  /** [experts, 2 * inner, hidden]: rows of the gate and rows to be gated take turns. */
  readonly gateUp: Float32Array;
  /** [experts, hidden, inner] */
  readonly down: Float32Array;
}

export function readExpertWeights(context: DecoderContext, layer: number, { count }: ExpertShape): FloatExperts {
  const { graph, shape, weights } = context;
  const { hiddenSize: hidden, feedForwardSize: inner } = shape;
  const stack = (name: string, rows: number, columns: number) =>
    weights.stack(`blk.${layer}.${name}.weight`, count, rows, columns);
  const gate = stack("ffn_gate_exps", inner, hidden);
  const up = stack("ffn_up_exps", inner, hidden);
  const down = stack("ffn_down_exps", hidden, inner);
  const floats = (matrix: Matrix) => weights.readFloats(matrix);
  const gateUp = floatsOf(graph.allocate(2 * gate.rows * hidden * 4));
  takeTurns(floats(gate), floats(up), hidden, gateUp);
  const downs = floatsOf(graph.allocate(down.rows * inner * 4));
  downs.set(floats(down));
  return { kind: "floats", gateUp, down: downs };
}

type Numbers = Float32Array | Uint8Array;

/** Writes rows of `a` and of `b` by turns, each `width` long. */
function takeTurns<T extends Numbers>(a: T, b: T, width: number, target: T): void {
  for (let from = 0; from < a.length; from += width) {
    target.set(a.subarray(from, from + width), 2 * from);
    target.set(b.subarray(from, from + width), 2 * from + width);
  }
}

function floatsOf({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array {
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

/** Whether a tensor holds one matrix for each expert. */
export function isExpertTensor(name: string): boolean {
  return /^blk\.\d+\.ffn_(gate|up|down)_exps\.weight$/.test(name);
}

/** What such a tensor takes in the graph; `dims` as in the file. */
export function expertsByteLength(dims: readonly number[]): number {
  const [columns = 0, rows = 0, count = 0] = dims;
  return 4 * columns * rows * count;
}
