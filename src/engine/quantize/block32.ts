/** Quantizers of the formats with blocks of 32 values: Q8_0, Q4_0, Q4_1, Q5_0, Q5_1. Their layouts: gguf/levels.ts. */

import { floatToHalf, halfToFloat } from "../gguf/half.js";
import { fitAffine, fitScale, nearest, type Group } from "./fit.js";

const BLOCK = 32;

/** Writes the block's bytes to `out` from `to` on. */
export type BlockQuantizer = (group: Group, out: Uint8Array, to: number) => void;

/** The largest value is the largest level: with 8 bits, searching gains nothing. */
export const quantizeQ8_0: BlockQuantizer = ({ values, at }, out, to) => {
  let largest = 0;
  for (let i = at; i < at + BLOCK; i++) largest = Math.max(largest, Math.abs(values[i]!));
  const scale = writeHalf(largest / 127, out, to);
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < BLOCK; i++) out[to + 2 + i] = nearest(values[at + i]! * inverse, -127, 127);
};

export const quantizeQ4_0: BlockQuantizer = (group, out, to) => {
  const levels = symmetricLevels(group, 8, out, to);
  writeNibbles(levels, out, to + 2);
};

export const quantizeQ5_0: BlockQuantizer = (group, out, to) => {
  const levels = symmetricLevels(group, 16, out, to);
  writeFives(levels, out, to + 2);
};

export const quantizeQ4_1: BlockQuantizer = (group, out, to) => {
  const levels = affineLevels(group, 15, out, to);
  writeNibbles(levels, out, to + 4);
};

export const quantizeQ5_1: BlockQuantizer = (group, out, to) => {
  const levels = affineLevels(group, 31, out, to);
  writeFives(levels, out, to + 4);
};

/** Levels from 0 to 2 * `middle` - 1 around `middle`; writes the scale. */
function symmetricLevels(group: Group, middle: number, out: Uint8Array, to: number): Uint8Array {
  const scale = writeHalf(fitScale(group, -middle, middle - 1), out, to);
  const inverse = scale === 0 ? 0 : 1 / scale;
  const levels = new Uint8Array(BLOCK);
  for (let i = 0; i < BLOCK; i++)
    levels[i] = nearest(group.values[group.at + i]! * inverse, -middle, middle - 1) + middle;
  return levels;
}

/** Levels from 0 to `highest`; writes the scale and the minimum. */
function affineLevels(group: Group, highest: number, out: Uint8Array, to: number): Uint8Array {
  const fit = fitAffine(group, highest, Infinity);
  const scale = writeHalf(fit.scale, out, to);
  const minimum = writeHalf(fit.minimum, out, to + 2);
  const inverse = scale === 0 ? 0 : 1 / scale;
  const levels = new Uint8Array(BLOCK);
  for (let i = 0; i < BLOCK; i++) levels[i] = nearest((group.values[group.at + i]! - minimum) * inverse, 0, highest);
  return levels;
}

/** Returns the value that was written: rounded to half precision. */
export function writeHalf(value: number, out: Uint8Array, to: number): number {
  const bits = floatToHalf(value);
  out[to] = bits & 255;
  out[to + 1] = bits >> 8;
  return halfToFloat[bits]!;
}

/** The first half of the block is the low nibbles. */
function writeNibbles(levels: Uint8Array, out: Uint8Array, to: number): void {
  for (let j = 0; j < 16; j++) out[to + j] = (levels[j]! & 15) | ((levels[16 + j]! & 15) << 4);
}

function writeFives(levels: Uint8Array, out: Uint8Array, to: number): void {
  for (let j = 0; j < BLOCK; j++) out[to + (j >> 3)]! |= (levels[j]! >> 4) << (j & 7);
  writeNibbles(levels, out, to + 4);
}
