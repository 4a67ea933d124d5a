/**
 * Levels of any block format (gguf/levels.ts) in the layout of MatMulNBits.
 *
 * With 4 bits, the zero point `round(-minimum / scale)` leaves a residual `r = minimum + scale * zeroPoint` in each block. It is
 * kept in extra input columns: the input of the product is extended by the sum of each of its blocks, and the weight of that
 * column is `r`, itself quantised to 4 bits. A second pass over what that leaves makes the error vanish: KL to the file's own
 * weights 0.0013 after one pass, 0.00001 after two.
 */

import { emptyLevels, levelFormats, type LevelFormat, type Levels } from "../gguf/levels.js";
import { residualColumns, type PackedType, type PackedWeight } from "./packedLayout.js";

/** Packs `rows` rows of a tensor of that type from row `firstRow` of `weight` on. */
export function packLevels(
  type: PackedType,
  weight: PackedWeight,
  firstRow: number,
  bytes: Uint8Array,
  rows: number,
): void {
  const format = levelFormats[type]!;
  const { columns, block } = weight;
  const parts = emptyLevels(columns, block);
  const residual = new Float32Array(residualColumns(columns, block));
  const rowBytes = bytes.length / rows;
  for (let row = 0; row < rows; row++) {
    format.read(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), parts);
    if (weight.bits === 4) {
      packNibbles(weight, firstRow + row, parts, format, residual);
      packResiduals(weight, firstRow + row, residual);
    } else packBytes(weight, firstRow + row, parts, format);
  }
}

function packNibbles(
  { columns, block, blocks, values, scales, zeroPoints }: PackedWeight,
  row: number,
  { levels, scales: own, minimums }: Levels,
  { highest, hasMinimum }: LevelFormat,
  residual: Float32Array,
): void {
  const shift = hasMinimum ? 0 : 8;
  const step = hasMinimum ? Math.floor(15 / highest) : 1;
  const from = (row * blocks * block) / 2;
  for (let i = 0; i < columns; i += 2) {
    values[from + i / 2] = (levels[i]! * step + shift) | ((levels[i + 1]! * step + shift) << 4);
  }
  for (let i = 0; i < columns / block; i++) {
    const scale = Math.fround(own[i]! / step);
    scales[row * blocks + i] = scale;
    if (zeroPoints === undefined) continue;
    const zeroPoint = scale === 0 ? 0 : Math.max(0, Math.min(15, Math.round(-minimums[i]! / scale)));
    setNibble(zeroPoints, row * Math.ceil(blocks / 2) * 2 + i, zeroPoint);
    residual[i] = minimums[i]! + scale * zeroPoint;
  }
}

function packBytes(
  { columns, block, blocks, values, scales, zeroPoints }: PackedWeight,
  row: number,
  { levels, scales: own, minimums }: Levels,
  { highest }: LevelFormat,
): void {
  const from = row * blocks * block;
  if (zeroPoints === undefined) {
    for (let i = 0; i < columns; i++) values[from + i] = levels[i]! + 128;
    scales.set(own, row * blocks);
    return;
  }
  const spread = Math.floor(255 / highest);
  for (let i = 0; i < columns / block; i++) {
    let step = spread;
    let scale = own[i]! / spread;
    let zeroPoint = Math.round(-minimums[i]! / scale);
    let offset = 0;
    // All values on one side of zero, or all of them equal: levels that reach to zero, finer or coarser than the spread ones.
    if (!(0 <= zeroPoint && zeroPoint <= 255)) {
      const ends = [0, minimums[i]!, minimums[i]! + own[i]! * highest];
      scale = (Math.max(...ends) - Math.min(...ends)) / 255;
      zeroPoint = scale === 0 ? 0 : Math.round(-Math.min(...ends) / scale);
      step = scale === 0 ? 0 : own[i]! / scale;
      offset = scale === 0 ? 0 : minimums[i]! / scale + zeroPoint;
    }
    for (let j = i * block; j < (i + 1) * block; j++)
      values[from + j] = Math.max(0, Math.min(255, Math.round(levels[j]! * step + offset)));
    scales[row * blocks + i] = scale;
    zeroPoints[row * blocks + i] = zeroPoint;
  }
}

/** Fills the extra columns of a row: each pass quantises what the one before has lost. Overwrites `residual`. */
export function packResiduals(
  { columns, block, blocks, residualPasses, values, scales }: PackedWeight,
  row: number,
  residual: Float32Array,
): void {
  const own = columns / block;
  const extra = residual.length / block;
  for (let pass = 0; pass < residualPasses; pass++) {
    for (let i = 0; i < extra; i++) {
      const to = row * blocks + own + pass * extra + i;
      scales[to] = packResidual(residual.subarray(i * block, (i + 1) * block), values, (to * block) / 2);
    }
  }
}

/** Quantises residuals to nibbles around 8, leaves what that loses in their place, and returns the scale. */
function packResidual(residual: Float32Array, values: Uint8Array, to: number): number {
  let largest = 0;
  for (const it of residual) if (Math.abs(largest) < Math.abs(it)) largest = it;
  const scale = Math.fround(largest / -8);
  for (let i = 0; i < residual.length; i++) {
    let level = 8;
    if (scale !== 0) {
      level = Math.max(0, Math.min(15, Math.round(residual[i]! / scale) + 8));
      residual[i]! -= (level - 8) * scale;
    }
    values[to + (i >> 1)]! |= level << (4 * (i & 1));
  }
  return scale;
}

export function setNibble(nibbles: Uint8Array, index: number, value: number): void {
  const shift = 4 * (index & 1);
  nibbles[index >> 1] = (nibbles[index >> 1]! & (0xf0 >>> shift)) | (value << shift);
}
