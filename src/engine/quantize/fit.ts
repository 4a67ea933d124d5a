/**
 * Scales and minimums of a group of values, so that its rounded levels come as near to the values as they can: the least
 * weighted squared error over a search of scales, each put right by linear least squares.
 *
 * A group is `count` values from `at` on; its weights stand at `weightAt` of `weights` and are positive.
 */

export interface Group {
  readonly values: Float32Array;
  readonly at: number;
  readonly count: number;
  readonly weights: Float32Array;
  readonly weightAt: number;
}

/** Scales that are tried on each side of the one that just holds the largest value, and how far apart they are. */
const TRIALS = 9;
const SCALE_STEP = 0.1;

/** The scale s for which s * level is nearest, with whole levels from `lowest` to `highest`; it may be negative. */
export function fitScale(group: Group, lowest: number, highest: number): number {
  const { values, at, count } = group;
  let largest = 0;
  for (let i = at; i < at + count; i++) if (Math.abs(largest) < Math.abs(values[i]!)) largest = values[i]!;
  if (largest === 0) return 0;
  let bestScale = largest / lowest;
  let bestGain = -1;
  // The longer end of the levels takes the largest value; with few levels the other way round is sometimes better.
  for (const end of highest < 8 ? [lowest, highest] : [lowest]) {
    for (let trial = -TRIALS; trial <= TRIALS; trial++) {
      const inverse = (end + trial * SCALE_STEP) / largest;
      const { products, squares } = levelSums(group, inverse, lowest, highest);
      if (squares === 0) continue;
      // The error is the sum of squared values, less this.
      const gain = (products * products) / squares;
      if (bestGain < gain) {
        bestGain = gain;
        bestScale = products / squares;
      }
    }
  }
  return bestScale;
}

/** Sums over the group of weight * value * level, and weight * level^2. */
function levelSums(
  { values, at, count, weights, weightAt }: Group,
  inverse: number,
  lowest: number,
  highest: number,
): { readonly products: number; readonly squares: number } {
  let products = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = values[at + i]!;
    const level = nearest(value * inverse, lowest, highest);
    const weighted = weights[weightAt + i]! * level;
    products += weighted * value;
    squares += weighted * level;
  }
  return { products, squares };
}

export interface AffineFit {
  /** 0 or more. */
  readonly scale: number;
  readonly minimum: number;
}

/** The scale and minimum for which scale * level + minimum is nearest, with whole levels from 0 to `highest`. */
export function fitAffine(group: Group, highest: number, largestMinimum: number): AffineFit {
  const { values, at, count } = group;
  let least = Infinity;
  let most = -Infinity;
  for (let i = at; i < at + count; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (most < value) most = value;
  }
  least = Math.min(least, largestMinimum);
  if (most <= least) return { scale: 0, minimum: least };
  let best: AffineFit = { scale: (most - least) / highest, minimum: least };
  let bestError = affineError(group, best, highest);
  for (let trial = -TRIALS; trial <= TRIALS; trial++) {
    const inverse = (highest + trial * SCALE_STEP) / (most - least);
    const solved = solveAffine(group, { scale: 1 / inverse, minimum: least }, highest, largestMinimum);
    if (solved === undefined) continue;
    // What the solution rounds to may differ from what it was solved for.
    const error = affineError(group, solved, highest);
    if (error < bestError) {
      bestError = error;
      best = solved;
    }
  }
  const again = solveAffine(group, best, highest, largestMinimum);
  return again !== undefined && affineError(group, again, highest) < bestError ? again : best;
}

/** Linear least squares for the levels that `start` rounds to; undefined where they are all equal. */
function solveAffine(
  { values, at, count, weights, weightAt }: Group,
  start: AffineFit,
  highest: number,
  largestMinimum: number,
): AffineFit | undefined {
  const inverse = 1 / start.scale;
  let w = 0;
  let wl = 0;
  let wll = 0;
  let wx = 0;
  let wxl = 0;
  for (let i = 0; i < count; i++) {
    const value = values[at + i]!;
    const weight = weights[weightAt + i]!;
    const level = nearest((value - start.minimum) * inverse, 0, highest);
    w += weight;
    wl += weight * level;
    wll += weight * level * level;
    wx += weight * value;
    wxl += weight * value * level;
  }
  const determinant = w * wll - wl * wl;
  if (determinant <= 0) return undefined;
  const minimum = (wll * wx - wl * wxl) / determinant;
  const isBound = largestMinimum < minimum;
  const scale = isBound ? (wxl - largestMinimum * wl) / wll : (w * wxl - wl * wx) / determinant;
  return 0 < scale ? { scale, minimum: isBound ? largestMinimum : minimum } : undefined;
}

/** The minimum that leaves the least error for `start`'s scale and the levels that `start` rounds to. */
export function bestMinimum(
  { values, at, count, weights, weightAt }: Group,
  start: AffineFit,
  highest: number,
): number {
  if (start.scale === 0) return start.minimum;
  let w = 0;
  let off = 0;
  for (let i = 0; i < count; i++) {
    const value = values[at + i]!;
    const level = nearest((value - start.minimum) / start.scale, 0, highest);
    w += weights[weightAt + i]!;
    off += weights[weightAt + i]! * (value - start.scale * level);
  }
  return off / w;
}

/** The weighted squared error that is left. */
export function affineError(
  { values, at, count, weights, weightAt }: Group,
  { scale, minimum }: AffineFit,
  highest: number,
): number {
  const inverse = scale === 0 ? 0 : 1 / scale;
  let error = 0;
  for (let i = 0; i < count; i++) {
    const value = values[at + i]! - minimum;
    const off = value - scale * nearest(value * inverse, 0, highest);
    error += weights[weightAt + i]! * off * off;
  }
  return error;
}

export function symmetricError(
  { values, at, count, weights, weightAt }: Group,
  scale: number,
  lowest: number,
  highest: number,
): number {
  const inverse = scale === 0 ? 0 : 1 / scale;
  let error = 0;
  for (let i = 0; i < count; i++) {
    const value = values[at + i]!;
    const off = value - scale * nearest(value * inverse, lowest, highest);
    error += weights[weightAt + i]! * off * off;
  }
  return error;
}

/** The whole number from `lowest` to `highest` that is nearest. */
export function nearest(value: number, lowest: number, highest: number): number {
  const level = Math.floor(value + 0.5);
  return level < lowest ? lowest : highest < level ? highest : level;
}
