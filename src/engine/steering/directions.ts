/**
 * Directions to steer by, from pairs of prompts: in each layer, the one along which what the model holds of the positive
 * prompts differs from what it holds of the negative ones.
 */

import { TillerError } from "../../base/error.js";

/** What the model holds of two prompts that differ in what is to be steered: for each layer [hidden]. */
export interface StatePair {
  readonly positive: readonly Float32Array[];
  readonly negative: readonly Float32Array[];
}

/**
 * `mean`: the difference of both means (representation engineering, arXiv 2310.01405, and A. M. Turner et al., arXiv
 * 2308.10248). `pca`: the first principal component of the differences of the pairs, about zero, as llama.cpp's
 * cvector-generator has it; its sign is chosen so that the positive prompts lie higher.
 */
export const directionMethods = ["mean", "pca"] as const;
export type DirectionMethod = (typeof directionMethods)[number];

/** [hidden] of length 1 for each layer. Throws `input-invalid` where the prompts do not differ. */
export function directionsOf(pairs: readonly StatePair[], method: DirectionMethod): Float64Array[] {
  const layers = pairs[0]?.positive.length ?? 0;
  return Array.from({ length: layers }, (_, layer) => {
    const differences = pairs.map((it) => difference(it.positive[layer]!, it.negative[layer]!));
    const found = method === "mean" ? sumOf(differences) : firstComponent(differences);
    const length = Math.sqrt(dot(found, found));
    if (0 < length && Number.isFinite(length)) return found.map((it) => it / length);
    const problem =
      length === 0 ? "is the same for both sides: the prompts do not differ there" : "is no finite number for a prompt";
    throw new TillerError("input-invalid", `What the model holds in layer ${layer} ${problem}.`);
  });
}

/** How high a state [hidden] lies on a direction [hidden] of length 1. */
export function projection(direction: Float64Array, state: Float32Array): number {
  return state.reduce((sum, it, i) => sum + it * direction[i]!, 0);
}

const MOST_STEPS = 10_000;
/** A step turns the direction by less than this angle: it has arrived. */
const SMALLEST_TURN = 1e-10;

/**
 * The eigenvector of D^T D with the largest eigenvalue, D [pairs, hidden], by power iteration on D D^T, which is smaller:
 * D^T turns its eigenvectors into those of D^T D. Its sign is that of the mean difference. Of no length when D is zero.
 */
export function firstComponent(differences: readonly Float64Array[]): Float64Array {
  const products = differences.map((a) => Float64Array.from(differences, (b) => dot(a, b)));
  // Begins near the mean of the pairs, but not at a point where symmetric pairs could be in balance.
  let weights = unit(Float64Array.from(differences, (_, i) => 1 + 0.1 * Math.sin(i + 1)));
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = unit(Float64Array.from(products, (row) => dot(row, weights)));
    const turn = next.reduce((sum, it, i) => sum + (it - weights[i]!) ** 2, 0);
    weights = next;
    if (turn < SMALLEST_TURN ** 2) break;
  }
  const component = sumOf(differences.map((it, i) => it.map((value) => value * weights[i]!)));
  return dot(component, sumOf(differences)) < 0 ? component.map((it) => -it) : component;
}

function difference(a: Float32Array, b: Float32Array): Float64Array {
  return Float64Array.from(a, (it, i) => it - b[i]!);
}

function sumOf(vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const it of vectors) it.forEach((value, i) => (sum[i]! += value));
  return sum;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, it, i) => sum + it * b[i]!, 0);
}

/** Zero stays zero. */
function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector : vector.map((it) => it / length);
}
