/** The report of a quantization, for people (a table and a plot) and for programs. */

import { basename } from "node:path";

import { linePlot } from "../../base/linePlot.js";
import type { MeasuredModel } from "./measureModel.js";

export interface QuantizationReport {
  readonly source: MeasuredModel;
  /** What was made of it, and other files that it was to be compared with. */
  readonly others: readonly MeasuredModel[];
  /** The file that columns were weighted by; none without calibration. */
  readonly calibration?: string;
  readonly notes: readonly string[];
}

/** Markdown. `plot` is the name of the file with the plot, beside this one. */
export function reportMarkdown({ source, others, calibration, notes }: QuantizationReport, plot: string): string {
  const all = [source, ...others];
  const hasJoules = all.some((it) => it.joulesPer1000 !== undefined);
  const head = ["file", "MB", "bits a weight", "prefill, tokens/s", "decode, tokens/s", "CPU s for 1,000 tokens"];
  const columns = [...head, ...(hasJoules ? ["J for 1,000 tokens"] : []), "perplexity", "KL, nats", "same best token"];
  const rows = all.map((it) => [
    basename(it.path),
    (it.sizeBytes / 1e6).toFixed(1),
    it.bitsPerWeight.toFixed(2),
    it.prefillTokensPerSecond.toFixed(0),
    it.decodeTokensPerSecond.toFixed(1),
    it.cpuSecondsPer1000.toFixed(1),
    ...(hasJoules ? [it.joulesPer1000?.toFixed(0) ?? "unknown"] : []),
    it.perplexity.toFixed(3),
    it.agreement?.meanKl.toFixed(5) ?? "(source)",
    it.agreement === undefined ? "(source)" : `${(100 * it.agreement.sameTop).toFixed(1)} %`,
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const calibrated =
    calibration === undefined ? [] : [`Columns were weighted by what the model saw in ${calibration}.`];
  return [
    `# ${basename(others[0]?.path ?? source.path)}`,
    "",
    line(columns),
    line(columns.map((_, i) => (i === 0 ? "---" : "---:"))),
    ...rows.map(line),
    "",
    `![Size and perplexity](${plot})`,
    "",
    "Perplexity, KL divergence from the source and the part of places with the same best token are of one text; speeds are the",
    "best of three tries on this machine, with activations rounded to 8 bits (`fast`).",
    ...[...calibrated, ...notes].flatMap((it) => ["", it]),
    "",
  ].join("\n");
}

/** Each file is a point with its name. */
export function reportPlot({ source, others }: QuantizationReport): string {
  return linePlot({
    title: "Size and perplexity",
    xLabel: "size, MB",
    leftLabel: "perplexity",
    series: [source, ...others].map((it) => ({
      label: basename(it.path),
      points: [[it.sizeBytes / 1e6, it.perplexity] as const],
    })),
  });
}
