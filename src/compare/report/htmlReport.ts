/** A comparison as one page: plots and all within it, no scripts, and nothing that is fetched. */

import { count } from "../../base/count.js";
import type { CellResult, CompareResult } from "../../protocol/compare.js";
import { variantTotals } from "../variantTotals.js";
import { ratingNotes, ratingsTable, totalsTable, type ReportTable } from "./columns.js";
import { escaped } from "./escaped.js";
import { barPlot, intervalPlot } from "./plots.js";
import type { Report } from "./report.js";

export function htmlReport({ result, ratings }: Report): string {
  const title = `Comparison of ${result.prompt}`;
  const facts = `${result.time}, prompt ${result.promptHash}, ${(result.ms / 1000).toFixed(1)} s${result.finish === "stopped" ? ", stopped" : ""}`;
  const rated =
    ratings === undefined || ratings.votes === 0
      ? ""
      : `<h2>Ratings from ${count(ratings.votes, "vote")}</h2>
${intervalPlot("Rating with its 95 % interval", ratings.variants)}
${table(ratingsTable(ratings.variants))}
${ratingNotes(ratings)
  .map((it) => `<p>${escaped(it)}</p>`)
  .join("\n")}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${escaped(facts)}</p>
${table(totalsTable(result))}
${plots(result)}
${rated}
${result.inputs.map((_, i) => inputSection(result, i)).join("\n")}
</body>
</html>
`;
}

function plots(result: CompareResult): string {
  const totals = variantTotals(result);
  const bars = (value: (it: (typeof totals)[number]) => number | undefined) =>
    totals.flatMap((it) => {
      const known = value(it);
      return known === undefined ? [] : [{ label: it.variant.label, value: known }];
    });
  const passed = totals.some((it) => 0 < it.tests)
    ? bars((it) => (it.tests === 0 ? undefined : it.passed / it.tests))
    : [];
  return [
    barPlot(
      "Tokens per second",
      bars((it) => it.tokensPerSecond),
      1,
    ),
    barPlot(
      "Milliseconds to the first token",
      bars((it) => it.firstTokenMs),
      0,
    ),
    barPlot("Part of the tests that hold", passed, 2),
    barPlot(
      "Legal mass",
      bars((it) => it.legalMass),
      3,
    ),
  ].join("\n");
}

function inputSection({ inputs, cells, variants }: CompareResult, index: number): string {
  const { name, values } = inputs[index]!;
  const own = cells.filter((it) => it.input === index);
  const label = (id: string) => variants.find((it) => it.id === id)?.label ?? id;
  return `<section>
<h2>${escaped(name)}</h2>
<pre>${escaped(JSON.stringify(values, undefined, 2))}</pre>
<div class="cards">
${own.map((it) => card(label(it.variant), it)).join("\n")}
</div>
</section>`;
}

function card(label: string, cell: CellResult): string {
  return `<article><h3>${escaped(label)} <small>seed ${cell.seed}</small></h3>${body(cell)}</article>`;
}

function body(cell: CellResult): string {
  if (cell.status === "failed") return `<p class="bad">Failed: ${escaped(cell.message)}</p>`;
  const text = cell.output
    .map((it) => (it.hole === undefined ? `<i>${escaped(it.text)}</i>` : escaped(it.text)))
    .join("");
  const output = `<div class="output">${text}</div>`;
  if (cell.status === "stopped") return `${output}<p>Stopped.</p>`;
  const { metrics, validity, tests } = cell;
  const wrong = [
    ...validity.problems.map((it) => `${it.hole}: ${it.problem}`),
    ...tests.filter((it) => !it.passed).map((it) => `${it.name}: ${it.result}`),
  ];
  return `${output}<p>${metrics.tokens} tokens, ${metrics.tokensPerSecond.toFixed(1)} tokens/s, first after ${metrics.firstTokenMs.toFixed(0)} ms</p>
${wrong.map((it) => `<p class="bad">${escaped(it)}</p>`).join("\n")}`;
}

function table({ head, rows }: ReportTable): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((it) => `<${tag}>${escaped(it)}</${tag}>`).join("")}</tr>`;
  return `<table><thead>${line(head, "th")}</thead><tbody>${rows.map((it) => line(it, "td")).join("")}</tbody></table>`;
}

const style = `
:root { color-scheme: light dark; --dim: color-mix(in srgb, currentColor 60%, transparent); }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid var(--dim); }
figure { margin: 1.5rem 0; } svg { max-width: 100%; height: auto; } svg text { fill: currentColor; font-size: 12px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 1rem; }
article { border: 1px solid var(--dim); border-radius: 6px; padding: 0 1rem; }
.output { white-space: pre-wrap; overflow-wrap: anywhere; } .output i { font-style: normal; color: var(--dim); }
pre { overflow: auto; } .bad { border-left: 3px solid currentColor; padding-left: 0.5rem; }
`;
