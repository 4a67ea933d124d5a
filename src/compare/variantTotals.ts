/** Each variant of a comparison in one row of figures: what the table of a report and the command line show. */

import type { CellMetrics, CellResult, CompareResult, ComparedVariant, FinishedCell } from "../protocol/compare.js";
import { testRates, type TestRate } from "./testRates.js";

export interface VariantTotals {
  readonly variant: ComparedVariant;
  readonly finished: number;
  readonly failed: number;
  readonly stopped: number;
  /** Of all that was written. */
  readonly tokens: number;
  /** Means over the finished cells; undefined where none has it. */
  readonly tokensPerSecond: number | undefined;
  readonly firstTokenMs: number | undefined;
  readonly legalMass: number | undefined;
  readonly distance: number | undefined;
  readonly likelihood: number | undefined;
  readonly presets: number | undefined;
  /** Of all holes. */
  readonly validHoles: number;
  readonly holes: number;
  /** Tests that hold, of all tests of all inputs: each over the repeats of its input. */
  readonly passed: number;
  readonly tests: number;
  /** Why the first cell that failed did. */
  readonly problem: string | undefined;
}

export function variantTotals({
  variants,
  inputs,
  cells,
}: Pick<CompareResult, "variants" | "inputs" | "cells">): readonly VariantTotals[] {
  return variants.map((variant) => {
    const own = cells.filter((it) => it.variant === variant.id);
    return totalsOf(variant, own, testRates(inputs, own));
  });
}

function totalsOf(variant: ComparedVariant, cells: readonly CellResult[], tests: readonly TestRate[]): VariantTotals {
  const finished = cells.filter((it): it is FinishedCell => it.status === "finished");
  const failed = cells.filter((it) => it.status === "failed");
  const of = (key: keyof CellMetrics) => mean(finished.map((it) => it.metrics[key]));
  return {
    variant,
    finished: finished.length,
    failed: failed.length,
    stopped: cells.length - finished.length - failed.length,
    tokens: finished.reduce((sum, it) => sum + it.metrics.tokens, 0),
    tokensPerSecond: of("tokensPerSecond"),
    firstTokenMs: of("firstTokenMs"),
    legalMass: of("legalMass"),
    distance: of("distance"),
    likelihood: of("likelihood"),
    presets: mean(finished.flatMap((it) => it.presets.map(({ score }) => score))),
    validHoles: finished.reduce((sum, it) => sum + it.validity.valid, 0),
    holes: finished.reduce((sum, it) => sum + it.validity.holes, 0),
    passed: tests.filter((it) => it.holds).length,
    tests: tests.length,
    problem: failed[0]?.message,
  };
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((it) => it !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, it) => sum + it, 0) / known.length;
}
