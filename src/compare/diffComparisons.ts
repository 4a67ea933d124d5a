/** What changed between two runs of one comparison: variants, their measures, and the outputs that both have. */

import type {
  CellDiff,
  CellResult,
  CompareResult,
  ComparedVariant,
  ComparisonDiff,
  VariantDiff,
} from "../protocol/compare.js";
import { placeOf } from "../protocol/cellPlace.js";
import { measureDiffs } from "./measureDiffs.js";
import { canonical } from "./variantKey.js";
import { variantTotals } from "./variantTotals.js";
import { wordDiff } from "./wordDiff.js";

export function diffComparisons(older: CompareResult, newer: CompareResult): ComparisonDiff {
  const matches = matchedVariants(older.variants, newer.variants);
  const identity = (result: CompareResult, { input, seed }: CellResult, variant: string | undefined) =>
    `${variant} ${seed} ${canonical(result.inputs[input]?.values ?? null)}`;
  const known = new Map(older.cells.map((it) => [identity(older, it, it.variant), it]));
  const found = new Set<CellResult>();
  const cells: CellDiff[] = [];
  for (const cell of newer.cells) {
    const before = known.get(identity(newer, cell, matches.get(cell.variant)));
    if (before === undefined || found.has(before)) continue;
    found.add(before);
    const [a, b] = [textOf(before), textOf(cell)];
    cells.push({
      ...{ older: placeOf(before), newer: placeOf(cell) },
      ...{ input: newer.inputs[cell.input]?.name ?? "", seed: cell.seed },
      same: a === b && before.status === cell.status,
      words: wordDiff(a, b),
      ...{ was: stateOf(before), is: stateOf(cell) },
    });
  }
  return {
    older: { id: older.id, time: older.time },
    newer: { id: newer.id, time: newer.time },
    variants: variantDiffs(older, newer, matches),
    cells,
    onlyOlder: older.cells.length - found.size,
    onlyNewer: newer.cells.length - cells.length,
    promptChanged: older.promptHash !== newer.promptHash,
  };
}

/** From ids of the newer to ids of the older, each once: the same settings and name, else the settings, else the name. */
function matchedVariants(
  older: readonly ComparedVariant[],
  newer: readonly ComparedVariant[],
): ReadonlyMap<string, string> {
  const matches = new Map<string, string>();
  const taken = new Set<string>();
  const rules: readonly ((a: ComparedVariant, b: ComparedVariant) => boolean)[] = [
    (a, b) => a.key === b.key && a.label === b.label,
    (a, b) => a.key === b.key,
    (a, b) => a.label === b.label,
  ];
  for (const fits of rules)
    for (const variant of newer) {
      const match = older.find((it) => !taken.has(it.id) && fits(it, variant));
      if (match === undefined || matches.has(variant.id)) continue;
      matches.set(variant.id, match.id);
      taken.add(match.id);
    }
  return matches;
}

/** In the order of the newer one; those that only the older one has are the last. */
function variantDiffs(
  older: CompareResult,
  newer: CompareResult,
  matches: ReadonlyMap<string, string>,
): readonly VariantDiff[] {
  const before = new Map(variantTotals(older).map((it) => [it.variant.id, it]));
  const matched = new Set(matches.values());
  const side = ({ id, label, summary, key }: ComparedVariant) => ({ id, label, summary, key });
  return [
    ...variantTotals(newer).map((it): VariantDiff => {
      const was = before.get(matches.get(it.variant.id) ?? "");
      return {
        ...(was && { older: side(was.variant) }),
        newer: side(it.variant),
        measures: measureDiffs(was, it),
      };
    }),
    ...[...before.values()]
      .filter((it) => !matched.has(it.variant.id))
      .map((it): VariantDiff => ({ older: side(it.variant), measures: measureDiffs(it, undefined) })),
  ];
}

function stateOf(cell: CellResult): CellDiff["was"] {
  return cell.status === "failed" ? { status: "failed", message: cell.message } : { status: cell.status };
}

export function textOf({ output }: Pick<CellResult, "output">): string {
  return output.map((it) => it.text).join("");
}
