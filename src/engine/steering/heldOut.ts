/**
 * How well directions separate pairs that they were not made of: each pair is held out once, in rounds, and measured by
 * directions of the others.
 */

import { directionsOf, projection, type DirectionMethod, type StatePair } from "./directions.js";
import { separationOf, type Heights, type Separation } from "./separation.js";

export interface LayerSeparation extends Separation {
  readonly layer: number;
}

/** `holdout`: the part of the pairs that is held out in a round, above 0 and at most a half. One entry for each layer. */
export function heldOutSeparation(
  pairs: readonly StatePair[],
  method: DirectionMethod,
  holdout: number,
): LayerSeparation[] {
  const rounds = Math.min(pairs.length, Math.max(2, Math.round(1 / holdout)));
  const heights: Heights[][] = [];
  for (let round = 0; round < rounds; round++) {
    // Neighbours in a file are often alike, so a round takes every so many-th pair and not a run of them.
    const kept = pairs.filter((_, i) => i % rounds !== round);
    const held = pairs.filter((_, i) => i % rounds === round);
    const directions = directionsOf(kept, method);
    directions.forEach((direction, layer) => {
      // Directions of different rounds have different zeros: heights are counted from the middle of the pairs that made them.
      const middle = middleOf(heightsOf(kept, layer, direction));
      const found = heightsOf(held, layer, direction).map(({ positive, negative }) => ({
        positive: positive - middle,
        negative: negative - middle,
      }));
      (heights[layer] ??= []).push(...found);
    });
  }
  return heights.map((it, layer) => ({ layer, ...separationOf(it) }));
}

/** How well given directions separate pairs; layers without a direction are left out. */
export function separationBy(
  directions: ReadonlyMap<number, Float64Array>,
  pairs: readonly StatePair[],
): LayerSeparation[] {
  return [...directions]
    .sort(([a], [b]) => a - b)
    .map(([layer, direction]) => ({ layer, ...separationOf(heightsOf(pairs, layer, direction)) }));
}

function heightsOf(pairs: readonly StatePair[], layer: number, direction: Float64Array): Heights[] {
  return pairs.map(({ positive, negative }) => ({
    positive: projection(direction, positive[layer]!),
    negative: projection(direction, negative[layer]!),
  }));
}

function middleOf(heights: readonly Heights[]): number {
  return heights.reduce((sum, it) => sum + it.positive + it.negative, 0) / (2 * heights.length);
}
