/** The figures of one variant in two runs, side by side. */

import type { MeasureDiff } from "../protocol/compare.js";
import type { VariantTotals } from "./variantTotals.js";

interface Measure {
  readonly name: string;
  readonly digits: number;
  value(totals: VariantTotals): number | undefined;
}

const part = (of: number, all: number): number | undefined => (all === 0 ? undefined : (100 * of) / all);

const measures: readonly Measure[] = [
  { name: "Tests %", digits: 0, value: ({ passed, tests }) => part(passed, tests) },
  { name: "Valid %", digits: 0, value: ({ validHoles, holes }) => part(validHoles, holes) },
  { name: "Likelihood", digits: 2, value: ({ likelihood }) => likelihood },
  { name: "Distance", digits: 2, value: ({ distance }) => distance },
  { name: "Presets", digits: 2, value: ({ presets }) => presets },
  { name: "Legal mass", digits: 2, value: ({ legalMass }) => legalMass },
  { name: "Tokens", digits: 0, value: ({ tokens }) => tokens },
  { name: "Tokens/s", digits: 1, value: ({ tokensPerSecond }) => tokensPerSecond },
  { name: "First (ms)", digits: 0, value: ({ firstTokenMs }) => firstTokenMs },
];

/** Those that one of the two has. */
export function measureDiffs(
  older: VariantTotals | undefined,
  newer: VariantTotals | undefined,
): readonly MeasureDiff[] {
  return measures.flatMap(({ name, digits, value }): MeasureDiff[] => {
    const [was, is] = [older && value(older), newer && value(newer)];
    if (was === undefined && is === undefined) return [];
    return [{ name, digits, ...(was !== undefined && { older: was }), ...(is !== undefined && { newer: is }) }];
  });
}

/** `0.52 → 0.61`, one figure where both are written the same, and a dash for what is not there. */
export function measureText({ digits, older, newer }: MeasureDiff): string {
  const [was, is] = [older, newer].map((it) => (it === undefined ? "–" : it.toFixed(digits)));
  return was === is ? was! : `${was!} → ${is!}`;
}
