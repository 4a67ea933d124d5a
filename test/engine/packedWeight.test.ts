// Packed weights hold the values of the blocks they were made from.

import assert from "node:assert/strict";
import { test } from "node:test";

import { dequantize } from "../../src/engine/gguf/dequantize.js";
import { allocatePacked, packInto, type PackedType, type PackedWeight } from "../../src/engine/graph/packedWeight.js";

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

/** The rows in two goes, as matrices over the same input are stacked. */
function pack(type: PackedType, bytes: Uint8Array, passes: number): PackedWeight {
  const weight = allocatePacked(type, ROWS, COLUMNS, passes, (byteLength) => new Uint8Array(byteLength));
  const first = bytes.length / ROWS;
  packInto(type, weight, 0, bytes.slice(0, first), 1);
  packInto(type, weight, 1, bytes.slice(first), ROWS - 1);
  return weight;
}

/** Blocks of random bytes; at `halves` stand numbers from -1 to 1 (the first one positive: a scale). */
function randomBlocks(blockBytes: number, halves: readonly number[]): Uint8Array {
  let seed = 12345;
  const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
  const bytes = Uint8Array.from({ length: ((ROWS * COLUMNS) / 32) * blockBytes }, () => Math.floor(random() * 256));
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
function unpack({ bits, rows, blocks, residualPasses, values, scales, zeroPoints }: PackedWeight): Float32Array {
  const own = COLUMNS / 32;
  const out = new Float32Array(rows * COLUMNS);
  const value = (row: number, block: number, i: number) => {
    const at = (row * blocks + block) * 32 + i;
    const level = bits === 8 ? values[at]! : (values[at >> 1]! >> (4 * (at & 1))) & 15;
    const zeroAt = row * Math.ceil(blocks / 2) * 2 + block;
    const zero = zeroPoints === undefined ? 2 ** (bits - 1) : (zeroPoints[zeroAt >> 1]! >> (4 * (zeroAt & 1))) & 15;
    return (level - zero) * scales[row * blocks + block]!;
  };
  const extra = (blocks - own) / Math.max(1, residualPasses);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < own; block++) {
      let residual = 0;
      for (let pass = 0; pass < residualPasses; pass++)
        residual += value(row, own + pass * extra + (block >> 5), block & 31);
      for (let i = 0; i < 32; i++) out[row * COLUMNS + block * 32 + i] = value(row, block, i) + residual;
    }
  }
  return out;
}

function checkEqual(found: Float32Array, expected: Float32Array, tolerance: number): void {
  found.forEach((it, i) =>
    assert.ok(Math.abs(it - expected[i]!) <= tolerance + 1e-6, `at ${i}: ${it}, not ${expected[i]}`),
  );
}
