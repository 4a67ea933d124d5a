/** The figures of a report's table, as texts: one list for every format, so that all show the same numbers. */

import { count } from "../../base/count.js";
import { variantTotals, type VariantTotals } from "../variantTotals.js";
import type { CompareResult, JudgeAgreement, JudgeKind, RatedVariant, Ratings } from "../../protocol/compare.js";

export interface ReportTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface Column {
  readonly head: string;
  text(totals: VariantTotals): string;
  /** A column that says nothing of any variant is left out. */
  isKnown?(totals: VariantTotals): boolean;
}

const fixed = (value: number | undefined, digits: number): string => (value === undefined ? "" : value.toFixed(digits));

const columns: readonly Column[] = [
  { head: "Variant", text: ({ variant }) => variant.label },
  { head: "Settings", text: ({ variant }) => variant.summary },
  { head: "Done", text: ({ finished, failed, stopped }) => `${finished} of ${finished + failed + stopped}` },
  { head: "Tokens", text: ({ tokens }) => String(tokens) },
  { head: "Tokens/s", text: ({ tokensPerSecond }) => fixed(tokensPerSecond, 1) },
  { head: "First token (ms)", text: ({ firstTokenMs }) => fixed(firstTokenMs, 0) },
  {
    head: "Valid",
    text: ({ validHoles, holes }) => `${validHoles} of ${holes}`,
    isKnown: ({ holes }) => 0 < holes,
  },
  { head: "Tests", text: ({ passed, tests }) => `${passed} of ${tests}`, isKnown: ({ tests }) => 0 < tests },
  {
    head: "Legal mass",
    text: ({ legalMass }) => fixed(legalMass, 3),
    isKnown: ({ legalMass }) => legalMass !== undefined,
  },
  { head: "Presets", text: ({ presets }) => fixed(presets, 2), isKnown: ({ presets }) => presets !== undefined },
  { head: "Distance", text: ({ distance }) => fixed(distance, 3), isKnown: ({ distance }) => distance !== undefined },
  {
    head: "Log-likelihood",
    text: ({ likelihood }) => fixed(likelihood, 3),
    isKnown: ({ likelihood }) => likelihood !== undefined,
  },
];

export function totalsTable(result: CompareResult): ReportTable {
  const totals = variantTotals(result);
  const known = columns.filter(({ isKnown }) => isKnown === undefined || totals.some(isKnown));
  return { head: known.map((it) => it.head), rows: totals.map((row) => known.map((it) => it.text(row))) };
}

export function ratingsTable(variants: readonly RatedVariant[]): ReportTable {
  return {
    head: ["Variant", "Settings", "Rating", "95 % interval", "W-L-T", "Both bad"],
    rows: variants.map((it) => [
      it.label,
      it.summary,
      it.rating.toFixed(0),
      `${it.interval[0].toFixed(0)} to ${it.interval[1].toFixed(0)}`,
      `${it.wins}-${it.losses}-${it.ties}`,
      String(it.bothBad),
    ]),
  };
}

/** What is to be known beside the ratings, in sentences. */
export function ratingNotes({ open, groups, separated, position, agreements, variants }: Ratings): readonly string[] {
  const label = (key: string) => variants.find((it) => it.key === key)?.label ?? key;
  const list = (keys: readonly string[]) => keys.map(label).join(", ");
  const [next] = open;
  return [
    ...(groups.length < 2
      ? []
      : [`No vote links ${groups.map((it) => `{${list(it)}}`).join(" and ")}: their ratings cannot be compared.`]),
    ...(separated.length === 0
      ? []
      : [
          `All votes between ${separated.map((it) => `{${list(it)}}`).join(" and ")} went one way: how far they are apart is not known.`,
        ]),
    ...(next === undefined
      ? []
      : [
          next.votesMissing === undefined
            ? `${label(next.a)} and ${label(next.b)} look alike: votes would hardly tell them apart.`
            : `${label(next.a)} and ${label(next.b)} are not told apart yet. About ${next.votesMissing} more ${next.votesMissing === 1 ? "vote" : "votes"} between them would settle it.`,
        ]),
    ...(position?.matters === true
      ? [
          `Where an output was shown changed the votes: the left place was worth ${position.rating.toFixed(0)} points (${position.interval.map((it) => it.toFixed(0)).join(" to ")}).`,
        ]
      : []),
    ...agreements.map(agreementText),
  ];
}

export const judgeNames: Readonly<Record<JudgeKind, string>> = {
  prompt: "The judge",
  checks: "The tests' checks",
  likelihood: "The likelihood",
  distance: "The distance to the reference",
};

/** `The judge agreed with people on 18 of 24 pairs, kappa 0.61.` */
export function agreementText({ judge, observed, pairs, kappa }: JudgeAgreement): string {
  const same = `${judgeNames[judge]} agreed with people on ${Math.round(observed * pairs)} of ${count(pairs, "pair")}`;
  return kappa === undefined ? `${same}; both always said the same one thing.` : `${same}, kappa ${kappa.toFixed(2)}.`;
}
