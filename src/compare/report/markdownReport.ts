/** A comparison as Markdown: tables of figures, then every output. */

import { count } from "../../base/count.js";
import type { CellResult } from "../../protocol/compare.js";
import { textOf } from "../diffComparisons.js";
import { ratingNotes, ratingsTable, totalsTable, type ReportTable } from "./columns.js";
import type { Report } from "./report.js";

export function markdownReport({ result, ratings }: Report): string {
  const label = (id: string) => result.variants.find((it) => it.id === id)?.label ?? id;
  const lines = [
    `# Comparison of ${inline(result.prompt)}`,
    "",
    `${result.time}, prompt ${result.promptHash}, ${(result.ms / 1000).toFixed(1)} s${result.finish === "stopped" ? ", stopped" : ""}`,
    "",
    ...table(totalsTable(result)),
  ];
  if (ratings !== undefined && 0 < ratings.votes) {
    lines.push("", `## Ratings from ${count(ratings.votes, "vote")}`, "", ...table(ratingsTable(ratings.variants)));
    for (const note of ratingNotes(ratings)) lines.push("", inline(note));
  }
  for (const [index, input] of result.inputs.entries()) {
    lines.push("", `## ${inline(input.name)}`, "", ...fenced(JSON.stringify(input.values, undefined, 2), "json"));
    for (const cell of result.cells.filter((it) => it.input === index))
      lines.push("", `### ${inline(label(cell.variant))}, seed ${cell.seed}`, "", ...outcome(cell));
  }
  return `${lines.join("\n")}\n`;
}

function outcome(cell: CellResult): string[] {
  if (cell.status === "failed") return [`Failed: ${inline(cell.message)}`];
  if (cell.status === "stopped") return ["Stopped.", "", ...fenced(textOf(cell), "")];
  const wrong = [
    ...cell.validity.problems.map((it) => `${it.hole}: ${it.problem}`),
    ...cell.tests.filter((it) => !it.passed).map((it) => `${it.name}: ${it.result}`),
  ];
  return [...fenced(cell.text, ""), ...wrong.flatMap((it) => ["", `- ${inline(it)}`])];
}

function table({ head, rows }: ReportTable): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((it) => inline(it).replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

/** On one line, and not read as markup. */
function inline(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_<>[\]#]/g, "\\$&");
}

/** In a fence that is longer than any in the text. */
function fenced(text: string, language: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((it) => it[0].length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, text, fence];
}
