/** Which layers to steer, by how well their directions separate. */

import type { LayerSeparation } from "./heldOut.js";

/** Layers that separate so well beside the best one belong to its range. */
const NEARLY = 0.8;

/**
 * The first and the last of the layers around the best one that are nearly as good: the layer with the largest effect size
 * and its neighbours down to 0.8 of it. Undefined where no layer separates better than chance.
 */
export function bestLayers(separations: readonly LayerSeparation[]): readonly [number, number] | undefined {
  const worth = separations.map((it) => (0.5 < it.auc ? (it.effectSize ?? 0) : 0));
  const most = Math.max(0, ...worth);
  if (most === 0) return undefined;
  const best = worth.indexOf(most);
  const isGood = (i: number) => NEARLY * most <= (worth[i] ?? 0);
  let first = best;
  while (isGood(first - 1)) first--;
  let last = best;
  while (isGood(last + 1)) last++;
  return [separations[first]!.layer, separations[last]!.layer];
}
