/**
 * DoRA (arXiv 2402.09353): W' = m (W + s B A) / |W + s B A|, row by row. Applied as y' = d (W x + s B A x) with the ratio
 * d = m / |W + s B A| of each row.
 */

import type { LowRank } from "./adapter.js";

/** `weights` [rows, columns]; `scale` is the request's, beside the adapter's own scaling. [rows] */
export function doraRatios(
  { rank, a, b, scaling, magnitude }: LowRank,
  scale: number,
  weights: Float32Array,
): Float32Array {
  const rows = b.length / rank;
  const columns = a.length / rank;
  const factor = scaling * scale;
  const ratios = new Float32Array(rows);
  const sum = new Float32Array(columns);
  for (let row = 0; row < rows; row++) {
    sum.set(weights.subarray(row * columns, (row + 1) * columns));
    for (let r = 0; r < rank; r++) {
      const by = factor * b[row * rank + r]!;
      for (let column = 0, from = r * columns; column < columns; column++) sum[column]! += by * a[from + column]!;
    }
    let square = 0;
    for (let column = 0; column < columns; column++) square += sum[column]! * sum[column]!;
    ratios[row] = magnitude![row]! / Math.sqrt(square);
  }
  return ratios;
}
