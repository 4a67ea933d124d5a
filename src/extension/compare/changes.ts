/** What changed between two stored comparisons, as the page shows it. */

import { measureText } from "../../compare/measureDiffs.js";
import { cellKey } from "../../protocol/cellPlace.js";
import type { CellDiff, ComparisonDiff, VariantDiff } from "../../protocol/compare.js";
import type { CardPart, ChangedCell, ChangedVariant, ChangesView } from "../../protocol/compareView.js";
import { letterOf } from "./setup.js";

/** A diff, and how many of its changed outputs are shown. */
export interface ShownChanges {
  readonly diff: ComparisonDiff;
  readonly shown: number;
}

/** So many outputs more are shown at a time. */
export const CHANGES_SHOWN = 20;

/** `timeOf`: as times are written in the page. */
export function changesView({ diff, shown }: ShownChanges, timeOf: (iso: string) => string): ChangesView {
  const changed = diff.cells.filter((it) => !it.same);
  const names = [...new Set(diff.variants.flatMap((it) => it.measures.map((one) => one.name)))];
  return {
    title: `From ${timeOf(diff.older.time)} to ${timeOf(diff.newer.time)}`,
    summary: summaryOf(diff, changed.length),
    variants: diff.variants.map((it, i) => changedVariant(it, i, names)),
    cells: changed.slice(0, shown).map((it) => changedCell(it, diff)),
    more: Math.max(0, changed.length - shown),
  };
}

function summaryOf({ cells, onlyOlder, onlyNewer, promptChanged }: ComparisonDiff, changed: number): readonly string[] {
  const outputs = (count: number) => `${count} ${count === 1 ? "output" : "outputs"}`;
  const none = "No variant wrote the same input with the same seed in both, so no output can be compared.";
  return [
    cells.length === 0 ? none : `${changed} of ${outputs(cells.length)} changed.`,
    ...(0 < onlyOlder ? [`${outputs(onlyOlder)} only the older one has.`] : []),
    ...(0 < onlyNewer ? [`${outputs(onlyNewer)} only the newer one has.`] : []),
    promptChanged ? "The prompt's text changed." : "The prompt's text is the same.",
  ];
}

function changedVariant(
  { older, newer, measures }: VariantDiff,
  index: number,
  names: readonly string[],
): ChangedVariant {
  const isOther = older !== undefined && newer !== undefined && older.key !== newer.key;
  return {
    letter: newer === undefined ? "" : letterOf(index),
    label: (newer ?? older)!.label,
    kind: older === undefined ? "added" : newer === undefined ? "removed" : "both",
    note: isOther ? `${older.summary} → ${newer.summary}` : undefined,
    measures: names.flatMap((name) => {
      const found = measures.find((it) => it.name === name);
      if (found === undefined) return [];
      const isBoth = older !== undefined && newer !== undefined;
      const text = isBoth ? measureText(found) : (found.newer ?? found.older)!.toFixed(found.digits);
      return [{ name, text }];
    }),
  };
}

function changedCell(cell: CellDiff, { variants }: ComparisonDiff): ChangedCell {
  const index = variants.findIndex((it) => it.newer?.id === cell.newer.variant);
  const { variant } = cell.newer;
  return {
    id: cellKey(cell.newer),
    letter: letterOf(index),
    title: variants[index]?.newer?.label ?? variant,
    where: `${cell.input}, seed ${cell.seed}`,
    parts: cell.words.map(({ kind, text }): CardPart => ({ kind: kind === "same" ? "model" : kind, text })),
    note: noteOf(cell),
  };
}

const words = { finished: "finished", failed: "failed", stopped: "was stopped" } as const;

/** Where it did not end well in both. */
function noteOf({ was, is }: CellDiff): string | undefined {
  if (was.status === "finished" && is.status === "finished") return undefined;
  const said = ({ status, message }: CellDiff["was"]) =>
    message === undefined ? words[status] : `${words[status]} (${message})`;
  return was.status === is.status ? `It ${said(is)} both times.` : `It ${said(was)} before, and ${said(is)} now.`;
}
