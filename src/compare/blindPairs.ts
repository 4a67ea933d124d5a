/** Which outputs are voted on, in which order, and which of them stands on the left: drawn, so that nothing gives a variant away. */

import { placeOf } from "../protocol/cellPlace.js";
import type { CellPlace, CellResult, CompareResult, FinishedCell } from "../protocol/compare.js";
import { seeded, seedOf } from "./draw.js";

export interface BlindPair {
  readonly left: CellPlace;
  readonly right: CellPlace;
}

/**
 * Every pair of outputs of one input and seed, in an order of chance. The side is drawn for each pair by itself, from the seed
 * and the pair: it does not change when other pairs come or go.
 */
export function blindPairs({ id, cells }: Pick<CompareResult, "id" | "cells">, seed = 0): readonly BlindPair[] {
  const pairs = finishedPairs(cells)
    .filter(([a, b]) => a.text !== b.text)
    .map(([a, b]) => drawn(a, b, `${id} ${seed}`));
  return pairs.sort((a, b) => a.rank - b.rank).map(({ left, right }) => ({ left, right }));
}

/** Outputs of one input and seed by different variants. */
export function finishedPairs(cells: readonly CellResult[]): readonly CellPair[] {
  const finished = cells.filter((it): it is FinishedCell => it.status === "finished");
  return finished.flatMap((a, i) =>
    finished
      .slice(i + 1)
      .filter((b) => a.input === b.input && a.repeat === b.repeat && a.variant !== b.variant)
      .map((b) => [a, b] as const),
  );
}

export type CellPair = readonly [FinishedCell, FinishedCell];

function drawn(a: FinishedCell, b: FinishedCell, salt: string): BlindPair & { readonly rank: number } {
  // The same whichever of both was finished first.
  const [first, second] = a.variant < b.variant ? [a, b] : [b, a];
  const random = seeded(seedOf([salt, first.variant, second.variant, first.input, first.repeat].join("\0")));
  const isTurned = random() < 0.5;
  const [left, right] = isTurned ? [second, first] : [first, second];
  return { left: placeOf(left), right: placeOf(right), rank: random() };
}
