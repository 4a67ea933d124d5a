/** The report of how well directions separate pairs, layer by layer. */

import type { LayerSeparation } from "../engine/steering/heldOut.js";

/** Fixed columns; the layers from `best[0]` to `best[1]` are marked. */
export function separationTable(
  separations: readonly LayerSeparation[],
  best: readonly [number, number] | undefined,
): string {
  const row = (cells: readonly string[], mark = "") =>
    `${cells.map((it, i) => it.padStart(widths[i]!)).join("  ")}${mark}\n`;
  const head = row(["layer", "pairs right", "AUC", "Cohen's d", "distance"]);
  const body = separations.map(({ layer, right, pairs, auc, effectSize, distance }) => {
    const isBest = best !== undefined && best[0] <= layer && layer <= best[1];
    const cells = [
      String(layer),
      `${right} of ${pairs}`,
      auc.toFixed(3),
      effectSize?.toFixed(2) ?? "-",
      short(distance),
    ];
    return row(cells, isBest ? "  *" : "");
  });
  return [head, ...body].join("");
}

const widths = [5, 11, 5, 9, 8];

function short(value: number): string {
  return Math.abs(value) < 100 ? value.toFixed(2) : value.toFixed(0);
}
