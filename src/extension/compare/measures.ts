/** What was measured of each variant, and what judges said: one table. Nothing while a pair is voted on blind. */

import { modelName } from "../../base/modelName.js";
import { agreementText } from "../../compare/report/columns.js";
import { fileName } from "../../compare/variantKey.js";
import { variantTotals, type VariantTotals } from "../../compare/variantTotals.js";
import type { CellPlace, Judgement } from "../../protocol/compare.js";
import type { MeasuresView } from "../../protocol/compareView.js";
import type { CompareData, ShownResult } from "./compareData.js";
import { letterOf } from "./setup.js";
import { currentPair } from "./voting.js";

export function measuresOf(data: CompareData): MeasuresView | undefined {
  const { result, blind, voting, run, judgeProblems, ratings } = data;
  if (result === undefined) return undefined;
  // Checks and times would tell who wrote what.
  if (blind && !voting.isRevealed && (run.kind === "running" || currentPair(data) !== undefined)) return undefined;
  const cells = Object.values(result.cells).filter((it) => it.status !== "writing");
  const totals = variantTotals({ variants: result.variants, inputs: result.inputs, cells });
  if (totals.every((it) => it.finished === 0)) return undefined;
  const rows = totals.map((it): Measured => ({ totals: it, judged: tallyOf(result.judged, it.variant.id) }));
  const known = columns.filter((it) => rows.some(it.isKnown));
  return {
    columns: known.map(({ name, what, isWide }) => ({ name, what, isWide })),
    rows: rows.map((row, i) => ({
      letter: letterOf(i),
      label: row.totals.variant.label,
      cells: known.map((it) => (it.isKnown(row) ? it.text(row) : "")),
    })),
    judges: judgesText(result),
    agreements: ratings?.agreements.map(agreementText) ?? [],
    problems: judgeProblems,
    canJudge: run.kind !== "running" && data.setup.judge !== undefined && data.judge?.problem === undefined,
    isJudged: 0 < result.judged.length,
  };
}

interface Tally {
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

interface Measured {
  readonly totals: VariantTotals;
  readonly judged: Tally;
}

interface Column {
  readonly name: string;
  readonly what: string;
  /** Left out where there is little room. */
  readonly isWide: boolean;
  isKnown(row: Measured): boolean;
  text(row: Measured): string;
}

const fixed = (value: number | undefined, digits: number): string => (value === undefined ? "" : value.toFixed(digits));

const columns: readonly Column[] = [
  {
    ...{ name: "Judge", what: "Pairs that the judge prompt gave it, gave the other, and found alike", isWide: false },
    isKnown: ({ judged: { wins, losses, ties } }) => 0 < wins + losses + ties,
    text: ({ judged: { wins, losses, ties } }) => `${wins}–${losses}–${ties}`,
  },
  {
    ...{ name: "Tests", what: "Tests of the file that hold, each over all repeats of its input", isWide: false },
    isKnown: ({ totals }) => 0 < totals.tests,
    text: ({ totals }) => `${totals.passed}/${totals.tests}`,
  },
  {
    ...{ name: "Likelihood", what: "Mean log-probability of a token under the chosen model", isWide: false },
    isKnown: ({ totals }) => totals.likelihood !== undefined,
    text: ({ totals }) => fixed(totals.likelihood, 2),
  },
  {
    ...{ name: "Distance", what: "Mean distance to the reference, from 0 (the same) to 1", isWide: false },
    isKnown: ({ totals }) => totals.distance !== undefined,
    text: ({ totals }) => fixed(totals.distance, 2),
  },
  {
    ...{ name: "Presets", what: "How well the texts keep what the guide asks for, from 0 to 1", isWide: true },
    isKnown: ({ totals }) => totals.presets !== undefined,
    text: ({ totals }) => fixed(totals.presets, 2),
  },
  {
    ...{ name: "Valid", what: "Holes that keep their constraint", isWide: true },
    isKnown: ({ totals }) => 0 < totals.holes,
    text: ({ totals }) => `${totals.validHoles}/${totals.holes}`,
  },
  {
    ...{ name: "Tokens/s", what: "Mean speed of one text, beside those that were written with it", isWide: true },
    isKnown: ({ totals }) => totals.tokensPerSecond !== undefined,
    text: ({ totals }) => fixed(totals.tokensPerSecond, 1),
  },
  {
    ...{ name: "First (ms)", what: "Mean time to the first token", isWide: true },
    isKnown: ({ totals }) => totals.firstTokenMs !== undefined,
    text: ({ totals }) => fixed(totals.firstTokenMs, 0),
  },
];

function tallyOf(judged: readonly Judgement[], variant: string): Tally {
  const own = judged.map((it) => outcomeOf(it, variant));
  const count = (outcome: Outcome) => own.filter((it) => it === outcome).length;
  return { wins: count("win"), ties: count("tie"), losses: count("loss") };
}

type Outcome = "win" | "loss" | "tie";

/** For the variant; undefined for a judgement on others. */
function outcomeOf({ a, b, choice }: Judgement, variant: string): Outcome | undefined {
  if (a !== variant && b !== variant) return undefined;
  if (choice === "tie") return "tie";
  return (choice === "a" ? a : b) === variant ? "win" : "loss";
}

function judgesText({ judges, judged }: ShownResult): string | undefined {
  const steady = judged.filter((it) => it.consistent).length;
  const parts = [
    ...(judges?.prompt === undefined
      ? []
      : [
          `Judged by ${fileName(judges.prompt.name)} on ${modelName(judges.prompt.model)}: ` +
            `it kept to its opinion in ${steady} of ${judged.length} pairs when the order was turned.`,
        ]),
    ...(judges?.likelihood === undefined ? [] : [`Likelihood under ${modelName(judges.likelihood)}.`]),
  ];
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** `judge: better than A, as good as C`; undefined where it was not judged. */
export function judgedText({ judged, variants }: ShownResult, place: CellPlace): string | undefined {
  const words: Readonly<Record<Outcome, string>> = { win: "better than", loss: "worse than", tie: "as good as" };
  const letters: Record<Outcome, string[]> = { win: [], loss: [], tie: [] };
  for (const it of judged) {
    if (it.input !== place.input || it.repeat !== place.repeat) continue;
    const outcome = outcomeOf(it, place.variant);
    if (outcome === undefined) continue;
    const other = it.a === place.variant ? it.b : it.a;
    letters[outcome].push(letterOf(variants.findIndex((one) => one.id === other)));
  }
  const parts = (Object.keys(words) as Outcome[])
    .filter((it) => 0 < letters[it].length)
    .map((it) => `${words[it]} ${letters[it].sort().join(" and ")}`);
  return parts.length === 0 ? undefined : `judge: ${parts.join(", ")}`;
}
