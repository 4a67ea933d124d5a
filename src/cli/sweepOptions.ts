/** The options of a sweep over strengths, and how its result is shown: for the command that runs a prompt at each of them. */

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { TillerError } from "../base/error.js";
import { measureNames, namedMeasure, type NamedMeasure } from "../lang/guide/measures/namedMeasure.js";
import { parseStrengths } from "../runner/strengths.js";
import { sweepPlot, sweepTable, type Sweep } from "../runner/sweep.js";
import { didYouMean } from "./didYouMean.js";
import { jsonText } from "./jsonOutput.js";
import type { OptionSpecs, OptionValues } from "./optionSpec.js";
import type { Terminal } from "./terminal.js";

export const sweepOptions = {
  strength: { type: "string", value: "FROM:TO:STEP", help: "Strengths, as in 0:4:0.5 or 1,1.5,2. Default: 1:2:0.25." },
  measure: { type: "string", value: "NAME", help: `What is measured: ${measureNames.join(", ")}. Default: sentiment.` },
  plot: { type: "string", value: "FILE.svg", help: "Write a plot of effect and fluency against the strength." },
} as const satisfies OptionSpecs;

const DEFAULT_STRENGTHS = "1:2:0.25";
const DEFAULT_MEASURE = "sentiment";

/** Throws `usage`. */
export function sweepSettings(options: OptionValues<typeof sweepOptions>): {
  readonly strengths: readonly number[];
  readonly measure: NamedMeasure;
} {
  const name = options.measure ?? DEFAULT_MEASURE;
  const measure = namedMeasure(name);
  if (measure === undefined) {
    const known = measureNames.join(", ");
    throw new TillerError("usage", `--measure knows no "${name}".${didYouMean(name, measureNames)} It knows ${known}.`);
  }
  return { strengths: parseStrengths(options.strength ?? DEFAULT_STRENGTHS), measure };
}

/** The table on stdout (with `json` the whole result), the plot in its file. Throws `file-unwritable`. */
export function showSweep(
  { stdout, cwd }: Terminal,
  found: Sweep,
  { plot, json }: { readonly plot: string | undefined; readonly json: boolean },
): void {
  if (plot !== undefined) writePlot(resolve(cwd, plot), found);
  stdout.write(json ? jsonText(stdout, found) : sweepTable(found));
}

function writePlot(path: string, found: Sweep): void {
  try {
    writeFileSync(path, sweepPlot(found));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TillerError("file-unwritable", `${path} cannot be written (${code ?? String(error)}).`);
  }
}
