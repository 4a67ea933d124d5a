/**
 * The singular value decomposition of a product B A of low rank, without the product: with S = (B^T B)^(1/2), the small
 * matrix S A has the same singular values and right vectors.
 */

import { symmetricEigen, timesTransposed, transpose } from "./matrix.js";

export interface Factors {
  readonly rank: number;
  /** [rank, columns] */
  readonly a: ArrayLike<number>;
  /** [rows, rank] */
  readonly b: ArrayLike<number>;
}

export interface Singular {
  /** Largest first; those that are 0 in double precision are left out. */
  readonly values: Float64Array;
  /** Right vectors, one row each: [values.length, columns]. */
  readonly right: Float64Array;
}

/** Squared singular values below this part of the largest one are what rounding left. */
const NEGLIGIBLE = 1e-14;

export function singularOf({ rank, a, b }: Factors): Singular {
  const columns = a.length / rank;
  const root = squareRoot(timesTransposed(transpose(b, rank), transpose(b, rank), b.length / rank), rank);
  const small = timesTransposed(root, transpose(a, columns), rank); // S A: [rank, columns]
  const { values, vectors } = symmetricEigen(timesTransposed(small, small, columns), rank);
  const kept = values.findIndex((it) => it <= NEGLIGIBLE * values[0]!);
  const count = values[0] === 0 ? 0 : kept < 0 ? rank : kept;
  const right = new Float64Array(count * columns);
  const singular = Float64Array.from({ length: count }, (_, i) => Math.sqrt(values[i]!));
  for (let i = 0; i < count; i++) {
    for (let r = 0; r < rank; r++) {
      const by = vectors[i * rank + r]! / singular[i]!;
      for (let column = 0; column < columns; column++)
        right[i * columns + column]! += by * small[r * columns + column]!;
    }
  }
  return { values: singular, right };
}

/** Of a symmetric matrix [n, n] without negative eigenvalues; itself symmetric. */
function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, n);
  const root = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const by = Math.sqrt(Math.max(0, values[k]!));
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) root[i * n + j]! += by * vectors[k * n + i]! * vectors[k * n + j]!;
  }
  return root;
}

export interface Truncated {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly rank: number;
  /** Of the product: what is lost, as a part of the whole (Frobenius norms). */
  readonly lost: number;
}

/** The nearest product of at most this rank (Eckart and Young). */
export function truncate(factors: Factors, most: number): Truncated {
  const { values, right } = singularOf(factors);
  const columns = factors.a.length / factors.rank;
  const rows = factors.b.length / factors.rank;
  const rank = Math.max(1, Math.min(most, values.length));
  const a = new Float32Array(rank * columns);
  const b = new Float32Array(rows * rank);
  for (let i = 0; i < Math.min(rank, values.length); i++) {
    const root = Math.sqrt(values[i]!);
    const direction = right.subarray(i * columns, (i + 1) * columns);
    for (let column = 0; column < columns; column++) a[i * columns + column] = root * direction[column]!;
    // B A v is the left vector, as long as the singular value.
    const along = timesTransposed(direction, factors.a, columns);
    const left = timesTransposed(factors.b, along, factors.rank);
    for (let row = 0; row < rows; row++) b[row * rank + i] = left[row]! / root;
  }
  const square = (from: number) => values.subarray(from).reduce((sum, it) => sum + it * it, 0);
  return { a, b, rank, lost: values.length === 0 ? 0 : Math.sqrt(square(rank) / square(0)) };
}
