/** Which tests of the file a variant holds: each over all repeats of its input, by the part of them that must pass. */

import type { CellResult, CompareInput } from "../protocol/compare.js";
import { keepsPassRate } from "./passRate.js";

export interface TestRate {
  /** Index into the inputs. */
  readonly input: number;
  readonly test: string;
  /** Repeats whose checks were all met, of those that were written or failed. */
  readonly passed: number;
  readonly repeats: number;
  readonly passRate: number;
  readonly holds: boolean;
}

/** `cells`: of one variant. An output that failed passes nothing; one that was stopped says nothing. */
export function testRates(inputs: readonly CompareInput[], cells: readonly CellResult[]): readonly TestRate[] {
  return inputs.flatMap((asked, input) => {
    const own = cells.filter((it) => it.input === input && it.status !== "stopped");
    return testsOf(asked, own).flatMap(({ name, passRate }): TestRate[] => {
      if (own.length === 0) return [];
      const passed = own.filter((it) => passes(it, name)).length;
      // 0.7 of 10 repeats are 7, whatever floating point makes of it.
      const holds = keepsPassRate(passed, own.length, passRate);
      return [{ input, test: name, passed, repeats: own.length, passRate, holds }];
    });
  });
}

/** Comparisons that were kept by an older version say of a check no test: all of an input's are one then. */
function testsOf({ tests }: CompareInput, cells: readonly CellResult[]): NonNullable<CompareInput["tests"]> {
  if (tests !== undefined) return tests;
  const verdicts = cells.flatMap((it) => (it.status === "finished" ? it.tests : []));
  return [...new Set(verdicts.map((it) => it.test ?? ""))].map((name) => ({ name, passRate: 1 }));
}

function passes(cell: CellResult, test: string): boolean {
  if (cell.status !== "finished") return false;
  return cell.tests.every((it) => (it.test ?? "") !== test || it.passed);
}
