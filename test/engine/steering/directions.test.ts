// The algebra of directions: means, principal components against a full decomposition, held-out pairs.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { TillerError } from "../../../src/base/error.js";
import { bestLayers } from "../../../src/engine/steering/bestLayers.js";
import { directionsOf, firstComponent, type StatePair } from "../../../src/engine/steering/directions.js";
import { heldOutSeparation, separationBy } from "../../../src/engine/steering/heldOut.js";
import { separationOf } from "../../../src/engine/steering/separation.js";

/** One layer, or several with the same values. */
function pair(positive: readonly number[], negative: readonly number[], layers = 1): StatePair {
  const all = (values: readonly number[]) => Array.from({ length: layers }, () => Float32Array.from(values));
  return { positive: all(positive), negative: all(negative) };
}

const numbers = fc.double({ min: -10, max: 10, noNaN: true });
const rows = fc
  .tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 5 }))
  .chain(([pairs, width]) =>
    fc.array(fc.array(numbers, { minLength: width, maxLength: width }), { minLength: pairs, maxLength: pairs }),
  );

describe("directions", () => {
  it("by means point from the middle of the negative prompts to that of the positive ones, with length 1", () => {
    const [direction] = directionsOf([pair([5, 0], [1, 1]), pair([1, 9], [-1, 1])], "mean");
    // Means (3, 4.5) and (0, 1): the difference is (3, 3.5).
    const length = Math.hypot(3, 3.5);
    assert.ok(Math.abs(direction![0]! - 3 / length) < 1e-12);
    assert.ok(Math.abs(direction![1]! - 3.5 / length) < 1e-12);
  });

  it("by principal components are the eigenvector of D'D with the largest eigenvalue", () => {
    fc.assert(
      fc.property(rows, (differences) => {
        const { values, vectors } = decompose(gramOf(differences));
        const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!);
        const [first, second] = order.map((i) => values[i]!);
        // Without a gap there is no one direction.
        fc.pre(1e-6 < first! && second! < 0.95 * first!);
        const expected = vectors.map((row) => row[order[0]!]!);
        const found = unit(firstComponent(differences.map((it) => Float64Array.from(it))));
        const cosine = found.reduce((sum, it, i) => sum + it * expected[i]!, 0);
        assert.ok(1 - Math.abs(cosine) < 1e-9, `cosine ${cosine}`);
      }),
      { numRuns: 300 },
    );
  });

  it("by principal components are about zero: differences that are all alike are their own component", () => {
    const [direction] = directionsOf([pair([3, 4], [0, 0]), pair([4, 5], [1, 1])], "pca");
    assert.ok(Math.abs(direction![0]! - 0.6) < 1e-9 && Math.abs(direction![1]! - 0.8) < 1e-9);
  });

  it("have the sign by which positive prompts lie higher, whatever the method", () => {
    fc.assert(
      fc.property(rows, (differences) => {
        const pairs = differences.map((it) =>
          pair(
            it,
            it.map(() => 0),
          ),
        );
        const sums = differences[0]!.map((_, i) => differences.reduce((sum, row) => sum + Math.fround(row[i]!), 0));
        fc.pre(1e-3 < Math.hypot(...sums));
        for (const method of ["mean", "pca"] as const) {
          const [direction] = directionsOf(pairs, method);
          const height = sums.reduce((sum, it, i) => sum + it * direction![i]!, 0);
          assert.ok(-1e-6 <= height, `${method}: ${height}`);
        }
      }),
    );
  });

  it("are refused where the prompts do not differ, and where a number is none", () => {
    const refused = (pairs: readonly StatePair[], part: RegExp) =>
      assert.throws(
        () => directionsOf(pairs, "mean"),
        (it) => it instanceof TillerError && it.code === "input-invalid" && part.test(it.message),
      );
    refused([pair([1, 2], [1, 2]), pair([3, 3], [3, 3])], /layer 0 is the same for both sides/);
    refused([pair([1, NaN], [1, 2])], /no finite number/);
  });
});

describe("separation", () => {
  it("counts pairs, compares all of both sides, and measures the distance in standard deviations", () => {
    const found = separationOf([
      { positive: 4, negative: 1 },
      { positive: 2, negative: 3 },
      { positive: 6, negative: 2 },
    ]);
    // Of nine comparisons 4 wins three, 2 wins one and ties one, 6 wins three; variances are 4 and 1.
    assert.deepEqual([found.pairs, found.right, found.distance], [3, 2, 2]);
    assert.ok(Math.abs(found.auc - 7.5 / 9) < 1e-12);
    assert.ok(Math.abs(found.effectSize! - 2 / Math.sqrt(2.5)) < 1e-12);
  });

  it("has no effect size for a single pair", () => {
    assert.equal(separationOf([{ positive: 1, negative: 0 }]).effectSize, null);
  });

  it("is that of pairs which the direction was not made of", () => {
    // Each pair has an axis of its own: its direction tells nothing of the others, but everything of itself.
    const pairs = Array.from({ length: 8 }, (_, i) => {
      const axis = Array.from({ length: 8 }, (_, k) => (k === i ? 1 : 0));
      return pair(
        axis,
        axis.map((it) => -it),
      );
    });
    const own = new Map(directionsOf(pairs, "mean").entries());
    assert.equal(separationBy(own, pairs)[0]!.right, 8);
    const [held] = heldOutSeparation(pairs, "mean", 0.25);
    assert.deepEqual([held!.pairs, held!.right, held!.auc, held!.distance], [8, 0, 0.5, 0]);
  });

  it("finds what all pairs have in common, and the layer where it is", () => {
    const noise = (i: number, k: number) => Math.sin(i * 12.9898 + k * 78.233) * 3;
    const pairs = Array.from({ length: 12 }, (_, i): StatePair => {
      const layer = (signal: number, side: number) =>
        Float32Array.from({ length: 16 }, (_, k) => noise(i + side / 2, k) + (k === 3 ? signal * side : 0));
      const side = (it: number) => [layer(0, it), layer(9, it), layer(3, it)];
      return { positive: side(1), negative: side(-1) };
    });
    for (const method of ["mean", "pca"] as const) {
      const report = heldOutSeparation(pairs, method, 0.25);
      assert.deepEqual([report[1]!.right, report[1]!.auc], [12, 1]);
      assert.ok(report[0]!.effectSize! < report[1]!.effectSize!);
      assert.deepEqual(bestLayers(report), [1, 1]);
    }
  });

  it("suggests the layers around the best one that are nearly as good, and none by chance", () => {
    const layers = (...sizes: readonly number[]) =>
      sizes.map((effectSize, i) => ({ layer: i + 1, pairs: 9, right: 9, auc: 0.9, effectSize, distance: 1 }));
    assert.deepEqual(bestLayers(layers(4.5, 1, 4, 5, 4.1, 3.9, 4.9)), [3, 5]);
    assert.equal(bestLayers(layers(1, 2).map((it) => ({ ...it, auc: 0.5 }))), undefined);
    assert.equal(bestLayers([]), undefined);
  });
});

function gramOf(rows: readonly (readonly number[])[]): number[][] {
  const width = rows[0]!.length;
  return Array.from({ length: width }, (_, a) =>
    Array.from({ length: width }, (_, b) => rows.reduce((sum, row) => sum + row[a]! * row[b]!, 0)),
  );
}

/** All eigenvalues and eigenvectors (columns) of a symmetric matrix, by Jacobi's rotations. */
function decompose(matrix: readonly (readonly number[])[]): { values: number[]; vectors: number[][] } {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const vectors = a.map((_, i) => a.map((_, k) => (i === k ? 1 : 0)));
  for (let sweep = 0; sweep < 60; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p]![q]!) < 1e-300) continue;
        const theta = Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!) / 2;
        const [c, s] = [Math.cos(theta), Math.sin(theta)];
        for (const rows of [a, vectors])
          for (const row of rows) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
        const [top, bottom] = [a[p]!, a[q]!];
        a[p] = top.map((it, k) => c * it - s * bottom[k]!);
        a[q] = top.map((it, k) => s * it + c * bottom[k]!);
      }
  return { values: a.map((row, i) => row[i]!), vectors };
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return vector.map((it) => it / length);
}
