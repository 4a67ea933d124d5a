/** The work of `tiller quantize`, loaded when it is needed: reads, weighs, writes, measures. */

import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";

import { TillerError } from "../base/error.js";
import { openModelFile } from "../engine/gguf/modelFile.js";
import { writeFailure } from "../engine/gguf/wholeFile.js";
import { refuseTelemetry } from "../engine/ort/noTelemetry.js";
import { measureImportance } from "../engine/quantize/importance.js";
import { measureModel, type MeasureOptions } from "../engine/quantize/measureModel.js";
import { planTypes, type Override } from "../engine/quantize/plan.js";
import type { WritableType } from "../engine/quantize/writableTypes.js";
import { quantizeModel } from "../engine/quantize/quantizeModel.js";
import { reportMarkdown, reportPlot, type QuantizationReport } from "../engine/quantize/report.js";
import { sampleText } from "../engine/quantize/sampleText.js";

export interface QuantizeJob {
  readonly source: string;
  readonly out: string;
  readonly type: WritableType;
  readonly overrides: readonly Override[];
  /** A text file. */
  readonly calibrate: string | undefined;
  /** Where the report goes; its ending says in which form. */
  readonly report: string | undefined;
  /** Other files that the report compares. */
  readonly compared: readonly string[];
  readonly threads: number | undefined;
}

export interface JobOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  readonly onNote: (text: string) => void;
}

export interface QuantizeResult {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sourceBytes: number;
  /** Tensors of each type. */
  readonly tensorTypes: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly report?: QuantizationReport;
}

export async function quantizeFile(job: QuantizeJob, options: JobOptions): Promise<QuantizeResult> {
  refuseTelemetry();
  const { signal, onProgress } = options;
  const threads = job.threads ?? Math.min(availableParallelism(), 8);
  const calibration = job.calibrate === undefined ? undefined : readText(job.calibrate);
  const file = await openModelFile(job.source);
  try {
    const plan = planTypes(file.tensors, job.type, job.overrides);
    plan.notes.forEach(options.onNote);
    const importance =
      calibration === undefined
        ? undefined
        : await measureImportance(file, calibration, {
            threads,
            signal,
            onProgress: (done, total) => onProgress(`calibrating, ${done} of ${total} tokens`),
          });
    const what = { plan, type: job.type, ...(importance !== undefined && { importance }) };
    const sizeBytes = await quantizeModel(file, job.out, what, {
      signal,
      onProgress: (done, total) => onProgress(`writing ${basename(job.out)}, ${Math.round((100 * done) / total)} %`),
    });
    const tensorTypes: Record<string, number> = {};
    for (const { type } of plan.tensors) tensorTypes[type.name] = (tensorTypes[type.name] ?? 0) + 1;
    const result = { path: job.out, sizeBytes, sourceBytes: file.sizeBytes, tensorTypes, notes: plan.notes };
    if (job.report === undefined) return result;
    const measure = { text: calibration ?? sampleText, threads, signal };
    const report = await compare(job, plan.notes, measure, onProgress);
    writeReport(job.report, report);
    return { ...result, report };
  } finally {
    file.close();
  }
}

async function compare(
  { source, out, compared, calibrate }: QuantizeJob,
  notes: readonly string[],
  measure: Omit<MeasureOptions, "onProgress">,
  onProgress: (text: string) => void,
): Promise<QuantizationReport> {
  const options = (path: string) => ({
    ...measure,
    onProgress: (what: string) => onProgress(`${basename(path)}: ${what}`),
  });
  const first = await measureModel(source, undefined, options(source));
  const others = [];
  for (const path of [out, ...compared]) {
    others.push((await measureModel(path, first.reference, options(path))).measured);
  }
  return {
    source: first.measured,
    others,
    notes,
    ...(calibrate !== undefined && { calibration: basename(calibrate) }),
  };
}

function writeReport(path: string, report: QuantizationReport): void {
  const plot = path.replace(/\.[^.]+$/, ".svg");
  const text = path.endsWith(".json")
    ? `${JSON.stringify(report, undefined, 2)}\n`
    : reportMarkdown(report, basename(plot));
  try {
    writeFileSync(path, text);
    writeFileSync(plot, reportPlot(report));
  } catch (error) {
    throw writeFailure(path, error);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isMissing = code === "ENOENT";
    const message = isMissing ? `There is no text at ${path}.` : `${path} cannot be read (${code ?? String(error)}).`;
    throw new TillerError(isMissing ? "file-not-found" : "file-unreadable", message, { cause: error });
  }
}
