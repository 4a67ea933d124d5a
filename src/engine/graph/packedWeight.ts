/**
 * GGUF weight blocks in the layout of onnxruntime's MatMulNBits (packedLayout.ts). Any format goes by its levels
 * (packLevels.ts); those that most files consist of are packed several values at a time, with the same result.
 */

import { halfToFloat } from "../gguf/half.js";
import { readSixes } from "../gguf/levels.js";
import { residualColumns, type PackedType, type PackedWeight } from "./packedLayout.js";
import { packLevels, packResiduals, setNibble } from "./packLevels.js";

/** Packs `rows` rows of a tensor of that type, `bytes` at an address divisible by 4, from row `firstRow` of `weight` on. */
export function packInto(
  type: PackedType,
  weight: PackedWeight,
  firstRow: number,
  bytes: Uint8Array,
  rows: number,
): void {
  switch (type) {
    case "Q4_0":
      return packQ4_0(weight, firstRow, bytes, rows);
    case "Q4_1":
      return packQ4_1(weight, firstRow, bytes, rows);
    case "Q4_K":
      return packQ4_K(weight, firstRow, bytes, rows);
    case "Q8_0":
      return packQ8_0(weight, firstRow, bytes, rows);
    default:
      return packLevels(type, weight, firstRow, bytes, rows);
  }
}

/** Blocks of 18 bytes: a scale, and 32 nibbles around 8. */
function packQ4_0({ blocks, values, scales }: PackedWeight, firstRow: number, bytes: Uint8Array, rows: number): void {
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const target = new Uint16Array(values.buffer, values.byteOffset, values.byteLength / 2);
  for (let block = 0; block < rows * blocks; block++) {
    const to = firstRow * blocks + block;
    scales[to] = halfToFloat[source[block * 9]!]!;
    for (let i = 0; i < 4; i++) {
      const word = source[block * 9 + 1 + 2 * i]! | (source[block * 9 + 2 + 2 * i]! << 16);
      target[to * 8 + i] = lowNibbles(word);
      target[to * 8 + 4 + i] = highNibbles(word);
    }
  }
}

/** Blocks of 34 bytes: a scale, and 32 signed values. */
function packQ8_0({ blocks, values, scales }: PackedWeight, firstRow: number, bytes: Uint8Array, rows: number): void {
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const target = new Uint16Array(values.buffer, values.byteOffset, values.byteLength / 2);
  for (let block = 0, from = 0, to = firstRow * blocks * 16; block < rows * blocks; block++) {
    scales[firstRow * blocks + block] = halfToFloat[source[from++]!]!;
    // Signed to unsigned around 128, two values at a time.
    for (let i = 0; i < 16; i++) target[to++] = source[from++]! ^ 0x8080;
  }
}

/** Blocks of 20 bytes: a scale, a minimum, and 32 nibbles from 0. */
function packQ4_1(weight: PackedWeight, firstRow: number, bytes: Uint8Array, rows: number): void {
  const { columns, block: width, blocks, values, scales } = weight;
  const zeroPoints = weight.zeroPoints!;
  const own = columns / width;
  const zeroBytes = Math.ceil(blocks / 2);
  const source = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const target = new Uint16Array(values.buffer, values.byteOffset, values.byteLength / 2);
  const residual = new Float32Array(residualColumns(columns, width));
  let from = 0;
  for (let row = firstRow; row < firstRow + rows; row++) {
    for (let block = 0; block < own; block++) {
      const head = source[from++]!;
      const scale = halfToFloat[head & 0xffff]!;
      const minimum = halfToFloat[head >>> 16]!;
      const to = (row * blocks + block) * 8;
      for (let i = 0; i < 4; i++) {
        const word = source[from++]!;
        target[to + i] = lowNibbles(word);
        target[to + 4 + i] = highNibbles(word);
      }
      const zeroPoint = scale === 0 ? 0 : Math.max(0, Math.min(15, Math.round(-minimum / scale)));
      scales[row * blocks + block] = scale;
      setNibble(zeroPoints, row * zeroBytes * 2 + block, zeroPoint);
      residual[block] = minimum + scale * zeroPoint;
    }
    packResiduals(weight, row, residual);
  }
}

/** Blocks of 144 bytes: 16 of scales and minimums, and 128 of nibbles: in 32 bytes two blocks of the operator. */
function packQ4_K(weight: PackedWeight, firstRow: number, bytes: Uint8Array, rows: number): void {
  const { columns, block: width, blocks, values, scales } = weight;
  const zeroPoints = weight.zeroPoints!;
  const own = columns / width;
  const zeroBytes = Math.ceil(blocks / 2);
  const source = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const target = new Uint16Array(values.buffer, values.byteOffset, values.byteLength / 2);
  const residual = new Float32Array(residualColumns(columns, width));
  const minimums = new Float32Array(own);
  const ownScales = new Float32Array(own);
  let from = 0;
  for (let row = firstRow; row < firstRow + rows; row++) {
    for (let block = 0; block < own; block += 8) {
      readSixes(bytes, from * 4, ownScales, minimums, block);
      from += 4;
      let to = (row * blocks + block) * 8;
      for (let pair = 0; pair < 4; pair++, to += 16) {
        for (let i = 0; i < 8; i++) {
          const word = source[from++]!;
          target[to + i] = lowNibbles(word);
          target[to + 8 + i] = highNibbles(word);
        }
      }
    }
    scales.set(ownScales, row * blocks);
    for (let block = 0; block < own; block++) {
      const scale = ownScales[block]!;
      const zeroPoint = scale === 0 ? 0 : Math.max(0, Math.min(15, Math.round(-minimums[block]! / scale)));
      setNibble(zeroPoints, row * zeroBytes * 2 + block, zeroPoint);
      residual[block] = minimums[block]! + scale * zeroPoint;
    }
    packResiduals(weight, row, residual);
  }
}

/** The low nibbles of four bytes, as the two bytes in which neighbours share a byte. */
function lowNibbles(word: number): number {
  const pairs = (word & 0x000f000f) | ((word & 0x0f000f00) >>> 4);
  return (pairs & 0xff) | ((pairs >>> 8) & 0xff00);
}

function highNibbles(word: number): number {
  return lowNibbles(word >>> 4);
}
