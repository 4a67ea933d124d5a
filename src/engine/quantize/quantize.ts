/** Float values -> blocks of a GGUF type. One file per family of formats; which types there are stands in the table below. */

import type { BlockQuantizer } from "./block32.js";
import { quantizeQ4_0, quantizeQ4_1, quantizeQ5_0, quantizeQ5_1, quantizeQ8_0 } from "./block32.js";
import { quantizeQ2_K, quantizeQ3_K, quantizeQ4_K, quantizeQ5_K, quantizeQ6_K } from "./kQuants.js";
import { floatToHalf } from "../gguf/half.js";
import { tensorTypeNamed, type TensorType } from "../gguf/tensorTypes.js";
import type { WritableType } from "./writableTypes.js";

const blocks: Readonly<Record<Exclude<WritableType, "F32" | "F16" | "BF16">, BlockQuantizer>> = {
  Q8_0: quantizeQ8_0,
  Q4_0: quantizeQ4_0,
  Q4_1: quantizeQ4_1,
  Q5_0: quantizeQ5_0,
  Q5_1: quantizeQ5_1,
  Q2_K: quantizeQ2_K,
  Q3_K: quantizeQ3_K,
  Q4_K: quantizeQ4_K,
  Q5_K: quantizeQ5_K,
  Q6_K: quantizeQ6_K,
};

export function writableType(type: WritableType): TensorType {
  return tensorTypeNamed(type)!;
}

/**
 * `values` [rows, columns] -> the bytes of that type; columns are whole blocks of it. `importance` [columns] says how much
 * an error in a column weighs: the mean squared input of the matrix, from calibration (importance.ts). Only ratios count.
 */
export function quantizeRows(
  type: WritableType,
  values: Float32Array,
  columns: number,
  importance?: Float32Array,
): Uint8Array {
  const { blockSize, blockBytes } = writableType(type);
  const out = new Uint8Array((values.length / blockSize) * blockBytes);
  switch (type) {
    case "F32":
      new Float32Array(out.buffer).set(values);
      return out;
    case "F16":
      fill(new Uint16Array(out.buffer), values, floatToHalf);
      return out;
    case "BF16":
      fill(new Uint16Array(out.buffer), values, floatToBrain);
      return out;
    default:
  }
  const weights = weightsOf(columns, importance);
  const quantize = blocks[type];
  for (let at = 0, to = 0; at < values.length; at += blockSize, to += blockBytes) {
    quantize({ values, at, count: blockSize, weights, weightAt: at % columns }, out, to);
  }
  return out;
}

function fill(target: Uint16Array, values: Float32Array, patternOf: (value: number) => number): void {
  for (let i = 0; i < values.length; i++) target[i] = patternOf(values[i]!);
}

/** Around 1, and never 0: a column that calibration has not seen must not become arbitrary. */
function weightsOf(columns: number, importance: Float32Array | undefined): Float32Array {
  if (importance === undefined) return new Float32Array(columns).fill(1);
  const mean = importance.reduce((sum, it) => sum + it, 0) / columns;
  return mean === 0 ? new Float32Array(columns).fill(1) : importance.map((it) => Math.max(1e-4, it / mean));
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The upper half of a float32, rounded to nearest, ties to even. */
function floatToBrain(value: number): number {
  float[0] = value;
  const pattern = bits[0]!;
  if (Number.isNaN(value)) return (pattern >>> 16) | 0x40;
  return (pattern + 0x7fff + ((pattern >>> 16) & 1)) >>> 16;
}
