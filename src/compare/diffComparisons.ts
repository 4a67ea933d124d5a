/** What changed between two runs of one comparison. */

import type { CellDiff, CellResult, CompareResult, ComparisonDiff } from "../protocol/compare.js";
import { canonical } from "./variantKey.js";
import { wordDiff } from "./wordDiff.js";

export function diffComparisons(older: CompareResult, newer: CompareResult): ComparisonDiff {
  const variantOf = matchedVariants(older, newer);
  const identity = (result: CompareResult, { input, seed }: CellResult, variant: string | undefined) =>
    `${variant} ${seed} ${canonical(result.inputs[input]?.values ?? null)}`;
  const known = new Map(older.cells.map((it) => [identity(older, it, it.variant), it]));
  const found = new Set<CellResult>();
  const cells: CellDiff[] = [];
  for (const cell of newer.cells) {
    const before = known.get(identity(newer, cell, variantOf.get(cell.variant)));
    if (before === undefined || found.has(before)) continue;
    found.add(before);
    const [a, b] = [textOf(before), textOf(cell)];
    cells.push({ older: placeOf(before), newer: placeOf(cell), same: a === b, words: wordDiff(a, b) });
  }
  return {
    cells,
    onlyOlder: older.cells.length - found.size,
    onlyNewer: newer.cells.length - cells.length,
    promptChanged: older.promptHash !== newer.promptHash,
  };
}

/** From ids of the newer to ids of the older: by the same settings, else by the same name. */
function matchedVariants(older: CompareResult, newer: CompareResult): ReadonlyMap<string, string> {
  const entries = newer.variants.flatMap(({ id, key, label }): [string, string][] => {
    const match = older.variants.find((it) => it.key === key) ?? older.variants.find((it) => it.label === label);
    return match === undefined ? [] : [[id, match.id]];
  });
  return new Map(entries);
}

function placeOf({ variant, input, repeat }: CellResult) {
  return { variant, input, repeat };
}

export function textOf({ output }: Pick<CellResult, "output">): string {
  return output.map((it) => it.text).join("");
}
