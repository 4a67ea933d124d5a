/**
 * Quantizers of the K formats: blocks of 256 values in groups of 16 or 32, whose scales (and minimums) are themselves whole
 * multiples of one or two numbers in half precision. Their layouts: gguf/levels.ts.
 */

import { affineError, bestMinimum, fitAffine, fitScale, nearest, symmetricError, type Group } from "./fit.js";
import { writeHalf, type BlockQuantizer } from "./block32.js";

const BLOCK = 256;

export const quantizeQ4_K: BlockQuantizer = (block, out, to) => {
  const { scales, minimums, levels } = quantizeAffine(block, { size: 32, highest: 15, most: 63 }, out, to, to + 2);
  writeSixes(scales, minimums, out, to + 4);
  writeNibblePairs(levels, out, to + 16);
};

export const quantizeQ5_K: BlockQuantizer = (block, out, to) => {
  const { scales, minimums, levels } = quantizeAffine(block, { size: 32, highest: 31, most: 63 }, out, to, to + 2);
  writeSixes(scales, minimums, out, to + 4);
  for (let i = 0; i < BLOCK; i++) out[to + 16 + (i & 31)]! |= (levels[i]! >> 4) << (i >> 5);
  writeNibblePairs(levels, out, to + 48);
};

export const quantizeQ2_K: BlockQuantizer = (block, out, to) => {
  const shape = { size: 16, highest: 3, most: 15 };
  const { scales, minimums, levels } = quantizeAffine(block, shape, out, to + 80, to + 82);
  for (let i = 0; i < 16; i++) out[to + i] = scales[i]! | (minimums[i]! << 4);
  writePairs(levels, out, to + 16);
};

export const quantizeQ6_K: BlockQuantizer = (block, out, to) => {
  const { scales, levels } = quantizeSymmetric(block, { middle: 32, mostScale: 127 }, out, to + 208);
  for (let i = 0; i < 16; i++) out[to + 192 + i] = scales[i]!;
  for (let part = 0; part < 2; part++) {
    const from = part * 128;
    const low = to + part * 64;
    const high = to + 128 + part * 32;
    for (let j = 0; j < 32; j++) {
      const [a, b, c, d] = [0, 32, 64, 96].map((it) => levels[from + it + j]!) as [number, number, number, number];
      out[low + j] = (a & 15) | ((c & 15) << 4);
      out[low + 32 + j] = (b & 15) | ((d & 15) << 4);
      out[high + j] = (a >> 4) | ((b >> 4) << 2) | ((c >> 4) << 4) | ((d >> 4) << 6);
    }
  }
};

export const quantizeQ3_K: BlockQuantizer = (block, out, to) => {
  const { scales, levels } = quantizeSymmetric(block, { middle: 4, mostScale: 31 }, out, to + 108);
  for (let i = 0; i < BLOCK; i++) out[to + (i & 31)]! |= (levels[i]! >> 2) << (i >> 5);
  writePairs(
    levels.map((it) => it & 3),
    out,
    to + 32,
  );
  for (let i = 0; i < 16; i++) {
    const scale = scales[i]! + 32;
    out[to + 96 + (i & 7)]! |= (scale & 15) << (i < 8 ? 0 : 4);
    out[to + 104 + (i & 3)]! |= (scale >> 4) << (2 * (i >> 2));
  }
};

// ------------------------------------------------------------------------------------------------ with minimums

interface AffineShape {
  /** Values in a group. */
  readonly size: number;
  readonly highest: number;
  /** The largest whole scale and minimum. */
  readonly most: number;
}

interface AffineBlock {
  readonly scales: Uint8Array;
  readonly minimums: Uint8Array;
  readonly levels: Uint8Array;
}

/** Writes d and dmin; each group's values are d * scale * level - dmin * minimum. */
function quantizeAffine(
  block: Group,
  { size, highest, most }: AffineShape,
  out: Uint8Array,
  dAt: number,
  dminAt: number,
): AffineBlock {
  const groups = groupsOf(block, size);
  const fits = groups.map((it) => fitAffine(it, highest, 0));
  const d = writeHalf(Math.max(...fits.map((it) => it.scale)) / most, out, dAt);
  const dmin = writeHalf(Math.max(...fits.map((it) => -it.minimum)) / most, out, dminAt);
  const scales = new Uint8Array(groups.length);
  const minimums = new Uint8Array(groups.length);
  const levels = new Uint8Array(BLOCK);
  groups.forEach((group, i) => {
    const { scale, minimum } = wholeFit(group, fits[i]!, { d, dmin, highest, most });
    scales[i] = scale;
    minimums[i] = minimum;
    const inverse = scale === 0 || d === 0 ? 0 : 1 / (d * scale);
    for (let j = 0; j < size; j++) {
      levels[i * size + j] = nearest((group.values[group.at + j]! + dmin * minimum) * inverse, 0, highest);
    }
  });
  return { scales, minimums, levels };
}

/** The whole scale and minimum near `fit` that leave the least error: rounding each by itself is not the best. */
function wholeFit(
  group: Group,
  fit: { readonly scale: number; readonly minimum: number },
  {
    d,
    dmin,
    highest,
    most,
  }: { readonly d: number; readonly dmin: number; readonly highest: number; readonly most: number },
): { readonly scale: number; readonly minimum: number } {
  const whole = (value: number, unit: number) => (unit === 0 ? 0 : nearest(value / unit, 0, most));
  const middle = whole(fit.scale, d);
  let best = { scale: middle, minimum: whole(-fit.minimum, dmin) };
  let bestError = Infinity;
  for (let scale = Math.max(0, middle - 1); scale <= Math.min(most, middle + 1); scale++) {
    const around = whole(-bestMinimum(group, { scale: d * scale, minimum: fit.minimum }, highest), dmin);
    for (let minimum = Math.max(0, around - 1); minimum <= Math.min(most, around + 1); minimum++) {
      const error = affineError(group, { scale: d * scale, minimum: -dmin * minimum }, highest);
      if (error < bestError) {
        bestError = error;
        best = { scale, minimum };
      }
    }
  }
  return best;
}

// ------------------------------------------------------------------------------------------------ without minimums

/** Writes d; each group of 16 is d * scale * (level - middle). Levels are returned from 0. */
function quantizeSymmetric(
  block: Group,
  { middle, mostScale }: { readonly middle: number; readonly mostScale: number },
  out: Uint8Array,
  dAt: number,
): { readonly scales: Int8Array; readonly levels: Uint8Array } {
  const groups = groupsOf(block, 16);
  const fits = groups.map((it) => fitScale(it, -middle, middle - 1));
  const largest = fits.reduce((a, b) => (Math.abs(a) < Math.abs(b) ? b : a), 0);
  // The scales' own longer end takes the largest.
  const d = writeHalf(largest / -(mostScale + 1), out, dAt);
  const scales = new Int8Array(groups.length);
  const levels = new Uint8Array(BLOCK).fill(middle);
  groups.forEach((group, i) => {
    const around = d === 0 ? 0 : nearest(fits[i]! / d, -mostScale - 1, mostScale);
    let bestError = Infinity;
    for (let scale = Math.max(-mostScale - 1, around - 1); scale <= Math.min(mostScale, around + 1); scale++) {
      const error = symmetricError(group, d * scale, -middle, middle - 1);
      if (error < bestError) {
        bestError = error;
        scales[i] = scale;
      }
    }
    const scale = d * scales[i]!;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let j = 0; j < 16; j++) {
      levels[i * 16 + j] = nearest(group.values[group.at + j]! * inverse, -middle, middle - 1) + middle;
    }
  });
  return { scales, levels };
}

// ------------------------------------------------------------------------------------------------ layouts

function groupsOf({ values, at, weights, weightAt }: Group, size: number): Group[] {
  return Array.from({ length: BLOCK / size }, (_, i) => {
    return { values, at: at + i * size, count: size, weights, weightAt: weightAt + i * size };
  });
}

/** Eight pairs of six bits in 12 bytes: see `readSixes` in gguf/levels.ts. */
function writeSixes(scales: Uint8Array, minimums: Uint8Array, out: Uint8Array, to: number): void {
  for (let i = 0; i < 4; i++) {
    out[to + i] = scales[i]! | ((scales[4 + i]! >> 4) << 6);
    out[to + 4 + i] = minimums[i]! | ((minimums[4 + i]! >> 4) << 6);
    out[to + 8 + i] = (scales[4 + i]! & 15) | ((minimums[4 + i]! & 15) << 4);
  }
}

/** In 32 bytes two groups of 32: low nibbles, high nibbles. */
function writeNibblePairs(levels: Uint8Array, out: Uint8Array, to: number): void {
  for (let pair = 0; pair < 4; pair++) {
    for (let j = 0; j < 32; j++) {
      out[to + pair * 32 + j] = (levels[pair * 64 + j]! & 15) | ((levels[pair * 64 + 32 + j]! & 15) << 4);
    }
  }
}

function writePairs(levels: Uint8Array, out: Uint8Array, to: number): void {
  for (let i = 0; i < BLOCK; i++) out[to + 32 * (i >> 7) + (i & 31)]! |= levels[i]! << (2 * ((i >> 5) & 3));
}
