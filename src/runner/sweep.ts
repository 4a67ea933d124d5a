/**
 * What a control does at each strength: its effect on a measure, what it costs in fluency (the perplexity of the answers under
 * the model without it), and in time. How a strength is run is the caller's.
 */

import { TillerError } from "../base/error.js";
import { linePlot } from "../base/linePlot.js";
import type { NamedMeasure } from "../lang/guide/measures/namedMeasure.js";
import type { Engine, ModelSpec } from "../protocol/engine.js";

export interface SweepAnswer {
  readonly text: string;
  /** The tokens of the prompt and of the answer, under which it is scored; without them it has no perplexity. */
  readonly promptIds?: readonly number[];
  readonly answerIds?: readonly number[];
  /** To write the answer, without reading the prompt. */
  readonly ms: number;
  /** That were written. */
  readonly tokens: number;
}

export interface SweepRow {
  readonly strength: number;
  /** The mean of the measure over the answers that have one; null without any. */
  readonly effect: number | null;
  /** Of all answers together under the unguided model; null where they have no tokens. */
  readonly perplexity: number | null;
  readonly msPerToken: number;
  /** Time per token against the unguided run. */
  readonly cost: number;
  readonly answers: readonly string[];
}

export interface Sweep {
  readonly measure: string;
  readonly meaning: string;
  /** The strength at which nothing is guided. */
  readonly unguided: number;
  /** By strength; the unguided one is among them. */
  readonly rows: readonly SweepRow[];
}

export interface SweepRequest {
  readonly strengths: readonly number[];
  /** The strength at which the control does nothing: it is run too, for comparison. */
  readonly unguided: number;
  readonly measure: NamedMeasure;
  /** The model, for perplexities. Without it there are none. */
  readonly scorer?: Scorer;
  /** All answers at a strength: one for each prompt, input or seed. */
  runAt(strength: number, signal: AbortSignal): Promise<readonly SweepAnswer[]>;
}

export interface Scorer {
  readonly engine: Pick<Engine, "score">;
  readonly model: ModelSpec;
}

export interface SweepProgress {
  readonly done: number;
  readonly total: number;
  readonly strength: number;
}

/** Rejects with the signal's reason, and with what `runAt` rejects with. */
export async function sweep(
  { strengths, unguided, measure, scorer, runAt }: SweepRequest,
  onProgress: (progress: SweepProgress) => void,
  signal: AbortSignal,
): Promise<Sweep> {
  if (![...strengths, unguided].every(Number.isFinite))
    throw new TillerError("usage", `Strengths are finite numbers, not ${strengths.join(", ")}.`);
  const all = [...new Set([...strengths, unguided])].sort((a, b) => a - b);
  const rows: Omit<SweepRow, "cost">[] = [];
  for (const strength of all) {
    signal.throwIfAborted();
    onProgress({ done: rows.length, total: all.length, strength });
    const answers = await runAt(strength, signal);
    signal.throwIfAborted();
    rows.push({
      strength,
      effect: mean(answers.flatMap((it) => measure.measure(it.text) ?? [])),
      perplexity: scorer === undefined ? null : await perplexityOf(scorer, answers, signal),
      msPerToken: sum(answers.map((it) => it.ms)) / Math.max(1, sum(answers.map((it) => it.tokens))),
      answers: answers.map((it) => it.text),
    });
  }
  const base = rows.find((it) => it.strength === unguided)!.msPerToken;
  return {
    measure: measure.name,
    meaning: measure.meaning,
    unguided,
    rows: rows.map((it) => ({ ...it, cost: 0 < base ? it.msPerToken / base : 1 })),
  };
}

/** exp of the mean negative log-probability of all answers' tokens, each after its prompt; null without a token. */
export async function perplexityOf(
  { engine, model }: Scorer,
  answers: readonly Pick<SweepAnswer, "promptIds" | "answerIds">[],
  signal: AbortSignal,
): Promise<number | null> {
  const logprobs: number[] = [];
  for (const { promptIds = [], answerIds = [] } of answers) {
    if (answerIds.length === 0) continue;
    const prompt = { type: "ids", ids: [...promptIds, ...answerIds] } as const;
    const scored = await engine.score({ model, prompt, top: 0 }, () => undefined, signal);
    // The first token of all has nothing before it that it could follow from.
    logprobs.push(...scored.logprobs.slice(promptIds.length).flatMap((it) => it ?? []));
  }
  const average = mean(logprobs);
  return average === null ? null : Math.exp(-average);
}

/** A table for people and for Markdown. */
export function sweepTable({ measure, rows }: Sweep): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const shown = (value: number | null, digits: number) => (value === null ? "" : value.toFixed(digits));
  const body = rows.map((it) =>
    line([String(it.strength), shown(it.effect, 3), shown(it.perplexity, 2), `${it.cost.toFixed(2)}x`]),
  );
  return [line(["strength", measure, "perplexity", "time"]), line(["---:", "---:", "---:", "---:"]), ...body].join("");
}

/** Effect and fluency against the strength, as SVG. */
export function sweepPlot({ measure, meaning, rows }: Sweep, title = `${measure}: ${meaning}`): string {
  const points = (value: (row: SweepRow) => number | null) =>
    rows.map((it) => [it.strength, value(it) ?? NaN] as const);
  const hasPerplexity = rows.some((it) => it.perplexity !== null);
  return linePlot({
    title,
    xLabel: "strength",
    leftLabel: measure,
    ...(hasPerplexity && { rightLabel: "perplexity, unguided" }),
    series: [
      { label: measure, points: points((it) => it.effect) },
      ...(hasPerplexity
        ? [{ label: "perplexity", points: points((it) => it.perplexity), axis: "right" as const }]
        : []),
    ],
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, it) => total + it, 0);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}
