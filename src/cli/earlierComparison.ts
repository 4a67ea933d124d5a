/** `tiller compare --against`: a stored comparison, and what changed since, as text. */

import { TillerError } from "../base/error.js";
import { count } from "../base/count.js";
import { measureText } from "../compare/measureDiffs.js";
import type { CompareResult, ComparisonDiff, WordDiff } from "../protocol/compare.js";
import { promptName } from "../runner/compare/promptName.js";
import { openCompareStore } from "../runner/store/compareStore.js";
import { textTable } from "./textTable.js";

/** `given`: an id, or `last` for the newest of this prompt. Throws `file-not-found`, `file-unreadable` and `usage`. */
export function earlierComparison(cwd: string, given: string, path: string): CompareResult {
  const store = openCompareStore(cwd);
  if (given !== "last") return store.open(given);
  const prompt = promptName(cwd, path);
  const newest = store.list().comparisons.find((it) => it.prompt === prompt);
  if (newest !== undefined) return store.open(newest.id);
  throw new TillerError(
    "file-not-found",
    `No comparison of ${prompt} is kept in ${cwd}. Run one without --against first; it is stored in .tiller/runs.`,
  );
}

export function changesText({ older, variants, cells, onlyOlder, onlyNewer, promptChanged }: ComparisonDiff): string {
  const changed = cells.filter((it) => !it.same);
  const label = (id: string) => variants.find((it) => it.newer?.id === id)?.newer?.label ?? id;
  const names = [...new Set(variants.flatMap((it) => it.measures.map((one) => one.name)))];
  const rows = variants.map(({ older: was, newer: is, measures }) => [
    (is ?? was)!.label,
    was === undefined ? "added" : is === undefined ? "taken away" : was.key === is.key ? "" : "other settings",
    ...names.map((name) => {
      const found = measures.find((it) => it.name === name);
      return found === undefined ? "" : measureText(found);
    }),
  ]);
  const lines = changed.flatMap((it) => [
    `  ${label(it.newer.variant)}, ${it.input}, seed ${it.seed}:`,
    ...(it.was.status === it.is.status ? [] : [`    ${it.was.status} before, ${it.is.status} now`]),
    ...marked(it.words)
      .trim()
      .split("\n")
      .map((line) => `    ${line}`),
  ]);
  return [
    `Since ${older.id}: ${changed.length} of ${count(cells.length, "output")} changed, ` +
      `${onlyOlder} only there, ${onlyNewer} only here; the prompt ${promptChanged ? "changed" : "is the same"}.`,
    ...lines,
    "",
    textTable({ head: ["Variant", "", ...names], rows }),
  ].join("\n");
}

/** As git marks words. */
function marked(words: readonly WordDiff[]): string {
  return words
    .map(({ kind, text }) => (kind === "same" ? text : kind === "added" ? `{+${text}+}` : `[-${text}-]`))
    .join("");
}
