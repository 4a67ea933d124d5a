/** Values of GGUF tensors as float32, equal to those of ggml to the last bit. The block formats are taken apart in levels.ts. */

import { TillerError } from "../../base/error.js";
import { halfToFloat } from "./half.js";
import { emptyLevels, levelFormats, type LevelFormat } from "./levels.js";

type Decoder = (bytes: Uint8Array, out: Float32Array) => void;

const plain: Readonly<Record<string, Decoder>> = {
  F32: (bytes, out) => out.set(new Float32Array(bytes.buffer, bytes.byteOffset, out.length)),
  F16: (bytes, out) => {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, out.length);
    for (let i = 0; i < out.length; i++) out[i] = halfToFloat[halves[i]!]!;
  },
  BF16: (bytes, out) => {
    // A bfloat16 is the upper half of a float32.
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, out.length);
    const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
    for (let i = 0; i < out.length; i++) bits[i] = halves[i]! << 16;
  },
};

/** The types that can be read, for messages. */
export const readableTypes: readonly string[] = [...Object.keys(plain), ...Object.keys(levelFormats)];

export function canDequantize(typeName: string): boolean {
  return readableTypes.includes(typeName);
}

/** `bytes` holds whole blocks of the type at an address divisible by 4; returns their `elementCount` values. */
export function dequantize(typeName: string, bytes: Uint8Array, elementCount: number): Float32Array {
  const out = new Float32Array(elementCount);
  dequantizeInto(typeName, bytes, out);
  return out;
}

/**
 * The same into an array that is there already: as many values as `out` has room for, a multiple of the type's block.
 * Throws `model-unsupported` for a type that cannot be read.
 */
export function dequantizeInto(typeName: string, bytes: Uint8Array, out: Float32Array): void {
  const decoder = plain[typeName];
  if (decoder !== undefined) return decoder(bytes, out);
  const format = levelFormats[typeName];
  if (format === undefined)
    throw new TillerError("model-unsupported", `Tensors of type ${typeName} are not supported yet.`);
  multiplyOut(format, bytes, out);
}

function multiplyOut({ group, hasMinimum, read }: LevelFormat, bytes: Uint8Array, out: Float32Array): void {
  const parts = emptyLevels(out.length, group);
  read(bytes, parts);
  const { levels, scales, minimums } = parts;
  for (let i = 0, at = 0; i < scales.length; i++) {
    const scale = scales[i]!;
    const minimum = minimums[i]!;
    if (hasMinimum) for (let end = at + group; at < end; at++) out[at] = scale * levels[at]! + minimum;
    else for (let end = at + group; at < end; at++) out[at] = scale * levels[at]!;
  }
}
