// Packed weights hold the values of the blocks they were made from.

import assert from "node:assert/strict";
import { test } from "node:test";

import { dequantize } from "../../src/engine/gguf/dequantize.js";
import { allocatePacked, layoutOf, type PackedType, type PackedWeight } from "../../src/engine/graph/packedLayout.js";
import { packLevels } from "../../src/engine/graph/packLevels.js";
import { packInto } from "../../src/engine/graph/packedWeight.js";

const ROWS = 3;
const COLUMNS = 96;

test("Q4_0 is packed without any loss", () => {
  const bytes = randomBlocks(18, [0]);
  checkEqual(unpack(pack("Q4_0", bytes, 0)), dequantize("Q4_0", bytes, ROWS * COLUMNS), 0);
});

test("Q8_0 is packed without any loss", () => {
  const bytes = randomBlocks(34, [0]);
  checkEqual(unpack(pack("Q8_0", bytes, 0)), dequantize("Q8_0", bytes, ROWS * COLUMNS), 0);
});

// Each pass leaves at most a sixteenth of what there was; the largest residual is half a scale.
for (const [passes, largestError] of [
  [1, 1 / 16],
  [2, 1 / 200],
  [3, 1 / 3000],
] as const) {
  test(`Q4_1 in ${passes} passes over the residual is within ${largestError} of a scale`, () => {
    const bytes = randomBlocks(20, [0, 2]);
    const packed = pack("Q4_1", bytes, passes);
    checkEqual(unpack(packed), dequantize("Q4_1", bytes, ROWS * COLUMNS), largestError);
  });
}

test("without a pass the residual of Q4_1 is lost", () => {
  const bytes = randomBlocks(20, [0, 2]);
  const found = unpack(pack("Q4_1", bytes, 0));
  const expected = dequantize("Q4_1", bytes, ROWS * COLUMNS);
  assert.ok(found.some((it, i) => 0.2 < Math.abs(it - expected[i]!)));
});

for (const [type, blockBytes, halves, blockSize] of [
  ["Q5_0", 22, [0], 32],
  ["IQ4_NL", 18, [0], 32],
  ["MXFP4", 17, [], 32],
  ["Q3_K", 110, [108], 256],
  ["Q6_K", 210, [208], 256],
  ["IQ4_XS", 136, [0], 256],
] as const) {
  test(`${type} is packed without any loss`, () => {
    const bytes = randomBlocks(blockBytes, halves, blockSize, 512);
    checkEqual(unpack(pack(type, bytes, 0, 512)), dequantize(type, bytes, ROWS * 512), 0);
  });
}

// Scales of K-quants are products with up to 63 (15 for Q2_K): errors are told as parts of the largest.
for (const [type, blockBytes, halves, blockSize, largestScale, passes, largestError] of [
  ["Q5_1", 24, [0, 2], 32, 1, 0, 1 / 16],
  ["Q5_K", 176, [0, 2], 256, 63, 0, 1 / 8],
  ["Q4_K", 144, [0, 2], 256, 63, 3, 1 / 200],
  ["Q2_K", 84, [80, 82], 256, 15, 3, 1 / 200],
] as const) {
  test(`${type} in ${passes} passes over the residual is within ${largestError} of a scale`, () => {
    const bytes = randomBlocks(blockBytes, halves, blockSize, 512);
    const found = unpack(pack(type, bytes, passes, 512));
    checkEqual(found, dequantize(type, bytes, ROWS * 512), largestError * largestScale);
  });
}

for (const [type, blockBytes, halves, blockSize] of [
  ["Q4_0", 18, [0], 32],
  ["Q4_1", 20, [0, 2], 32],
  ["Q4_K", 144, [0, 2], 256],
  ["Q8_0", 34, [0], 32],
] as const) {
  test(`the quick way to pack ${type} gives what its levels give`, () => {
    const bytes = randomBlocks(blockBytes, halves, blockSize, 512);
    const [quick, byLevels] = [pack(type, bytes, 2, 512), pack(type, bytes, 2, 512)];
    byLevels.values.fill(0);
    byLevels.scales.fill(0);
    byLevels.zeroPoints?.fill(0x88);
    packLevels(type, byLevels, 0, bytes, ROWS);
    assert.deepEqual(byLevels, quick);
  });
}

test("eight bits hold blocks that lie on one side of zero, and blocks of equal values", () => {
  // Q5_1: scale, minimum, 4 bytes of fifth bits, 16 of nibbles.
  const bytes = randomBlocks(24, [0, 2]);
  const view = new DataView(bytes.buffer);
  [0x4900, 0xcd00, 0x3c00].forEach((minimum, i) => view.setUint16(24 * i + 2, minimum, true)); // 10, -20, 1
  view.setUint16(24 * 2, 0, true); // scale 0
  checkEqual(unpack(pack("Q5_1", bytes, 0)), dequantize("Q5_1", bytes, ROWS * COLUMNS), 41 / 255 / 2);
});

/** The rows in two goes, as matrices over the same input are stacked. */
function pack(type: PackedType, bytes: Uint8Array, passes: number, columns = COLUMNS): PackedWeight {
  const weight = allocatePacked(layoutOf(type), ROWS, columns, passes, (byteLength) => new Uint8Array(byteLength));
  const first = bytes.length / ROWS;
  packInto(type, weight, 0, bytes.slice(0, first), 1);
  packInto(type, weight, 1, bytes.slice(first), ROWS - 1);
  return weight;
}

/** Blocks of random bytes; at `halves` stand numbers from -1 to 1 (the first one positive: a scale). */
function randomBlocks(blockBytes: number, halves: readonly number[], blockSize = 32, columns = COLUMNS): Uint8Array {
  let seed = 12345;
  const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
  const bytes = Uint8Array.from({ length: ((ROWS * columns) / blockSize) * blockBytes }, () =>
    Math.floor(random() * 256),
  );
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < bytes.length; block += blockBytes) {
    // 0x3800 to 0x3bff are the halves from 0.5 to 1; the sign bit makes the minimum negative, as quantisers choose it.
    halves.forEach((at, i) =>
      view.setUint16(block + at, 0x3800 + Math.floor(random() * 1024) + (i === 1 ? 0x8000 + 0x0c00 : 0), true),
    );
  }
  return bytes;
}

/** The matrix that a packed weight stands for: what the extra columns add is spread over the block they belong to. */
function unpack({ bits, block: width, rows, columns, blocks, residualPasses, ...weight }: PackedWeight): Float32Array {
  const { values, scales, zeroPoints } = weight;
  const own = columns / width;
  const out = new Float32Array(rows * columns);
  const zeroOf = (row: number, block: number) => {
    if (zeroPoints === undefined) return 2 ** (bits - 1);
    if (bits === 8) return zeroPoints[row * blocks + block]!;
    const at = row * Math.ceil(blocks / 2) * 2 + block;
    return (zeroPoints[at >> 1]! >> (4 * (at & 1))) & 15;
  };
  const value = (row: number, block: number, i: number) => {
    const at = (row * blocks + block) * width + i;
    const level = bits === 8 ? values[at]! : (values[at >> 1]! >> (4 * (at & 1))) & 15;
    return (level - zeroOf(row, block)) * scales[row * blocks + block]!;
  };
  const extra = (blocks - own) / Math.max(1, residualPasses);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < own; block++) {
      let residual = 0;
      for (let pass = 0; pass < residualPasses; pass++)
        residual += value(row, own + pass * extra + Math.floor(block / width), block % width);
      for (let i = 0; i < width; i++) out[row * columns + block * width + i] = value(row, block, i) + residual;
    }
  }
  return out;
}

function checkEqual(found: Float32Array, expected: Float32Array, tolerance: number): void {
  found.forEach((it, i) =>
    assert.ok(Math.abs(it - expected[i]!) <= tolerance + 1e-6, `at ${i}: ${it}, not ${expected[i]}`),
  );
}
