/** How the failure of a test is said. */

import type { TestOutcome, TestRun } from "../../protocol/test.js";

/** A line for each thing that is wrong, and the text that it is wrong of. */
export function failureText({ runs, passRate }: TestOutcome): readonly string[] {
  const bad = runs.filter((it) => !it.passed);
  const share = `${runs.length - bad.length} of ${runs.length} passed`;
  const wanted = passRate === 1 ? "" : `, ${Math.round(passRate * 100)} % wanted`;
  return [...(1 < runs.length ? [share + wanted] : []), ...bad.flatMap(runText)];
}

function runText({ seed, checks, problem, text }: TestRun): readonly string[] {
  const failed = checks.filter((it) => !it.passed).map((it) => `${it.name}: ${it.result}`);
  const why = failed.length === 0 ? [problem ?? "it failed"] : failed;
  return [...why.map((it) => `seed ${seed}: ${it}`), ...(text === undefined ? [] : [`  wrote ${shown(text)}`])];
}

const LONGEST = 200;

function shown(text: string): string {
  const whole = JSON.stringify(text.trim());
  return whole.length <= LONGEST ? whole : `${whole.slice(0, LONGEST)}...`;
}
