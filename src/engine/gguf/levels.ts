/**
 * The block formats of GGUF files, taken apart: each value is `scale * level + minimum`, with a whole level and the scale and
 * minimum of its group. Facts of the formats: https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h.
 *
 * All formats are read here and nowhere else: values (dequantize.ts) and the operator's own layout (graph/packedWeight.ts)
 * are both made from levels. A product of scale and level is exact in float32 in every one of them, so that values made this
 * way are those of ggml to the last bit.
 */

import { halfToFloat } from "./half.js";

export interface LevelFormat {
  /** Values that share a scale and a minimum. */
  readonly group: 16 | 32;
  readonly lowest: number;
  readonly highest: number;
  readonly hasMinimum: boolean;
  /** Takes blocks apart, as many as `levels` has room for. */
  read(bytes: Uint8Array, into: Levels): void;
}

export interface Levels {
  /** One for each value. */
  readonly levels: Int8Array;
  /** One for each group. */
  readonly scales: Float32Array;
  /** One for each group; untouched by formats without minimums. */
  readonly minimums: Float32Array;
}

/** By the type's name in tensorTypes.ts. */
export const levelFormats: Readonly<Record<string, LevelFormat>> = {
  Q4_0: { group: 32, lowest: -8, highest: 7, hasMinimum: false, read: readQ4_0 },
  Q4_1: { group: 32, lowest: 0, highest: 15, hasMinimum: true, read: readQ4_1 },
  Q5_0: { group: 32, lowest: -16, highest: 15, hasMinimum: false, read: readQ5_0 },
  Q5_1: { group: 32, lowest: 0, highest: 31, hasMinimum: true, read: readQ5_1 },
  Q8_0: { group: 32, lowest: -128, highest: 127, hasMinimum: false, read: readQ8_0 },
  IQ4_NL: { group: 32, lowest: -127, highest: 113, hasMinimum: false, read: readIQ4_NL },
  MXFP4: { group: 32, lowest: -12, highest: 12, hasMinimum: false, read: readMXFP4 },
  Q2_K: { group: 16, lowest: 0, highest: 3, hasMinimum: true, read: readQ2_K },
  Q3_K: { group: 16, lowest: -4, highest: 3, hasMinimum: false, read: readQ3_K },
  Q4_K: { group: 32, lowest: 0, highest: 15, hasMinimum: true, read: readQ4_K },
  Q5_K: { group: 32, lowest: 0, highest: 31, hasMinimum: true, read: readQ5_K },
  Q6_K: { group: 16, lowest: -32, highest: 31, hasMinimum: false, read: readQ6_K },
  IQ4_XS: { group: 32, lowest: -127, highest: 113, hasMinimum: false, read: readIQ4_XS },
};

export function emptyLevels(valueCount: number, group: number): Levels {
  return {
    levels: new Int8Array(valueCount),
    scales: new Float32Array(valueCount / group),
    minimums: new Float32Array(valueCount / group),
  };
}

function half(bytes: Uint8Array, at: number): number {
  return halfToFloat[bytes[at]! | (bytes[at + 1]! << 8)]!;
}

// ------------------------------------------------------------------------------------------------ blocks of 32

/** Sixteen bytes of nibbles: the low ones are the first half of a block, the high ones the second. */
function readNibbles(bytes: Uint8Array, from: number, levels: Int8Array, to: number, shift: number): void {
  for (let j = 0; j < 16; j++) {
    const pair = bytes[from + j]!;
    levels[to + j] = (pair & 15) - shift;
    levels[to + 16 + j] = (pair >> 4) - shift;
  }
}

function readQ4_0(bytes: Uint8Array, { levels, scales }: Levels): void {
  for (let block = 0, at = 0; block < scales.length; block++, at += 18) {
    scales[block] = half(bytes, at);
    readNibbles(bytes, at + 2, levels, block * 32, 8);
  }
}

function readQ4_1(bytes: Uint8Array, { levels, scales, minimums }: Levels): void {
  for (let block = 0, at = 0; block < scales.length; block++, at += 20) {
    scales[block] = half(bytes, at);
    minimums[block] = half(bytes, at + 2);
    readNibbles(bytes, at + 4, levels, block * 32, 0);
  }
}

/** Nibbles, with the fifth bits of all 32 values in four bytes before them. */
function readFives(bytes: Uint8Array, from: number, levels: Int8Array, to: number, shift: number): void {
  readNibbles(bytes, from + 4, levels, to, shift);
  for (let j = 0; j < 32; j++) levels[to + j]! += ((bytes[from + (j >> 3)]! >> (j & 7)) & 1) << 4;
}

function readQ5_0(bytes: Uint8Array, { levels, scales }: Levels): void {
  for (let block = 0, at = 0; block < scales.length; block++, at += 22) {
    scales[block] = half(bytes, at);
    readFives(bytes, at + 2, levels, block * 32, 16);
  }
}

function readQ5_1(bytes: Uint8Array, { levels, scales, minimums }: Levels): void {
  for (let block = 0, at = 0; block < scales.length; block++, at += 24) {
    scales[block] = half(bytes, at);
    minimums[block] = half(bytes, at + 2);
    readFives(bytes, at + 4, levels, block * 32, 0);
  }
}

function readQ8_0(bytes: Uint8Array, { levels, scales }: Levels): void {
  for (let block = 0, at = 0; block < scales.length; block++, at += 34) {
    scales[block] = half(bytes, at);
    for (let j = 0; j < 32; j++) levels[block * 32 + j] = bytes[at + 2 + j]!;
  }
}

/** The sixteen values that a nibble of IQ4_NL and IQ4_XS stands for. */
export const iq4Values = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
/** The same for MXFP4, doubled: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives. */
const mxfp4Values = Int8Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

function readCoded(bytes: Uint8Array, from: number, codes: Int8Array, levels: Int8Array, to: number): void {
  for (let j = 0; j < 16; j++) {
    const pair = bytes[from + j]!;
    levels[to + j] = codes[pair & 15]!;
    levels[to + 16 + j] = codes[pair >> 4]!;
  }
}

function readIQ4_NL(bytes: Uint8Array, { levels, scales }: Levels): void {
  for (let block = 0, at = 0; block < scales.length; block++, at += 18) {
    scales[block] = half(bytes, at);
    readCoded(bytes, at + 2, iq4Values, levels, block * 32);
  }
}

/** The scale is a power of two, a byte around 127; halved, because the values are doubled. */
function readMXFP4(bytes: Uint8Array, { levels, scales }: Levels): void {
  for (let block = 0, at = 0; block < scales.length; block++, at += 17) {
    scales[block] = 2 ** (bytes[at]! - 128);
    readCoded(bytes, at + 1, mxfp4Values, levels, block * 32);
  }
}

// ------------------------------------------------------------------------------------------------ blocks of 256

/** 16 bytes of a scale and a minimum (four bits each) for a group, 64 of levels (two bits), d, dmin. */
function readQ2_K(bytes: Uint8Array, { levels, scales, minimums }: Levels): void {
  for (let block = 0, at = 0; block < levels.length / 256; block++, at += 84) {
    const d = half(bytes, at + 80);
    const dmin = half(bytes, at + 82);
    for (let group = 0; group < 16; group++) {
      const both = bytes[at + group]!;
      scales[block * 16 + group] = d * (both & 15);
      minimums[block * 16 + group] = -dmin * (both >> 4);
    }
    readPairs(bytes, at + 16, levels, block * 256);
  }
}

/** 64 bytes of two bits: bits 0 and 1 of 32 bytes are the first 32 values, bits 2 and 3 the next. */
function readPairs(bytes: Uint8Array, from: number, levels: Int8Array, to: number): void {
  for (let i = 0; i < 256; i++) {
    levels[to + i] = (bytes[from + 32 * (i >> 7) + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;
  }
}

/** 32 bytes of third bits, 64 of levels (two bits), 12 of scales (six bits around 32), d. */
function readQ3_K(bytes: Uint8Array, { levels, scales }: Levels): void {
  for (let block = 0, at = 0; block < levels.length / 256; block++, at += 110) {
    const d = half(bytes, at + 108);
    for (let group = 0; group < 16; group++) {
      const low = (bytes[at + 96 + (group & 7)]! >> (group < 8 ? 0 : 4)) & 15;
      const high = (bytes[at + 104 + (group & 3)]! >> (2 * (group >> 2))) & 3;
      scales[block * 16 + group] = d * ((low | (high << 4)) - 32);
    }
    readPairs(bytes, at + 32, levels, block * 256);
    for (let i = 0; i < 256; i++) {
      if (((bytes[at + (i & 31)]! >> (i >> 5)) & 1) === 0) levels[block * 256 + i]! -= 4;
    }
  }
}

/** d, dmin, 12 bytes of scales and minimums (six bits each), 128 of nibbles: in 32 bytes two groups. */
function readQ4_K(bytes: Uint8Array, { levels, scales, minimums }: Levels): void {
  for (let block = 0, at = 0; block < levels.length / 256; block++, at += 144) {
    readSixes(bytes, at, scales, minimums, block * 8);
    for (let pair = 0, to = block * 256, from = at + 16; pair < 4; pair++, to += 64, from += 32) {
      for (let j = 0; j < 32; j++) {
        levels[to + j] = bytes[from + j]! & 15;
        levels[to + 32 + j] = bytes[from + j]! >> 4;
      }
    }
  }
}

/** As Q4_K, with 32 bytes of fifth bits before the nibbles: bit g of a byte belongs to group g. */
function readQ5_K(bytes: Uint8Array, { levels, scales, minimums }: Levels): void {
  for (let block = 0, at = 0; block < levels.length / 256; block++, at += 176) {
    readSixes(bytes, at, scales, minimums, block * 8);
    for (let pair = 0, to = block * 256, from = at + 48; pair < 4; pair++, to += 64, from += 32) {
      for (let j = 0; j < 32; j++) {
        const fifths = bytes[at + 16 + j]! >> (2 * pair);
        levels[to + j] = (bytes[from + j]! & 15) | ((fifths & 1) << 4);
        levels[to + 32 + j] = (bytes[from + j]! >> 4) | ((fifths & 2) << 3);
      }
    }
  }
}

/** Of Q4_K and Q5_K: d and dmin, and eight pairs of six bits: four pairs whole in bytes 0 to 7, whose top bits complete the other four. */
export function readSixes(
  bytes: Uint8Array,
  at: number,
  scales: Float32Array,
  minimums: Float32Array,
  to: number,
): void {
  const d = half(bytes, at);
  const dmin = half(bytes, at + 2);
  for (let i = 0; i < 4; i++) {
    const scale = bytes[at + 4 + i]!;
    const minimum = bytes[at + 8 + i]!;
    const rest = bytes[at + 12 + i]!;
    scales[to + i] = d * (scale & 63);
    minimums[to + i] = -dmin * (minimum & 63);
    scales[to + 4 + i] = d * ((rest & 15) | ((scale >> 6) << 4));
    minimums[to + 4 + i] = -dmin * ((rest >> 4) | ((minimum >> 6) << 4));
  }
}

/** 128 bytes of nibbles, 64 of two more bits, 16 signed scales, d. A half of the block is 64 and 32 bytes. */
function readQ6_K(bytes: Uint8Array, { levels, scales }: Levels): void {
  for (let block = 0, at = 0; block < levels.length / 256; block++, at += 210) {
    const d = half(bytes, at + 208);
    for (let group = 0; group < 16; group++) {
      scales[block * 16 + group] = d * ((bytes[at + 192 + group]! << 24) >> 24);
    }
    for (let part = 0; part < 2; part++) {
      const to = block * 256 + part * 128;
      const low = at + part * 64;
      const high = at + 128 + part * 32;
      for (let j = 0; j < 32; j++) {
        const first = bytes[low + j]!;
        const second = bytes[low + 32 + j]!;
        const top = bytes[high + j]!;
        levels[to + j] = ((first & 15) | ((top & 3) << 4)) - 32;
        levels[to + 32 + j] = ((second & 15) | ((top & 12) << 2)) - 32;
        levels[to + 64 + j] = ((first >> 4) | (top & 48)) - 32;
        levels[to + 96 + j] = ((second >> 4) | ((top & 192) >> 2)) - 32;
      }
    }
  }
}

/** d, the upper two bits of the eight scales in two bytes, the lower four in four, 128 of coded nibbles. */
function readIQ4_XS(bytes: Uint8Array, { levels, scales }: Levels): void {
  for (let block = 0, at = 0; block < levels.length / 256; block++, at += 136) {
    const d = half(bytes, at);
    const upper = bytes[at + 2]! | (bytes[at + 3]! << 8);
    for (let group = 0; group < 8; group++) {
      const low = (bytes[at + 4 + (group >> 1)]! >> (4 * (group & 1))) & 15;
      scales[block * 8 + group] = d * ((low | (((upper >> (2 * group)) & 3) << 4)) - 32);
      readCoded(bytes, at + 8 + 16 * group, iq4Values, levels, block * 256 + group * 32);
    }
  }
}
