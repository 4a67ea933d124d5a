/** Runs `tiller.tests`: the repeats of a test are rows of one batch, and each text is put to the test's checks. */

import { basename } from "node:path";

import { TillerError } from "../../base/error.js";
import { keepsPassRate } from "../../compare/passRate.js";
import { parse } from "../../lang/parser.js";
import { readTests, type PromptTest } from "../../lang/tests/promptTest.js";
import type { CellResult } from "../../protocol/compare.js";
import type { Engine, OnEvent } from "../../protocol/engine.js";
import type { PromptTester, TestEvent, TestOutcome, TestReport, TestRequest, TestRun } from "../../protocol/test.js";
import { writeCells, type CellToWrite } from "../compare/writeCells.js";
import { openPrompt } from "../openPrompt.js";
import type { PromptFiles } from "../promptFiles.js";

export interface PromptTesterOptions {
  readonly engine: Engine;
  readonly files: PromptFiles;
}

/** Rows of one batch. */
const MOST_ROWS = 8;

export function createPromptTester(options: PromptTesterOptions): PromptTester {
  return { test: (request, onEvent, signal) => runTests(request, options, onEvent, signal) };
}

async function runTests(
  request: TestRequest,
  { engine, files }: PromptTesterOptions,
  onEvent: OnEvent<TestEvent>,
  signal: AbortSignal,
): Promise<TestReport> {
  const text = request.text ?? files.read(request.path);
  const chosen = testsOf(request, text, files);
  const tests: TestOutcome[] = [];
  for (const test of chosen) {
    if (signal.aborted) break;
    const runs = request.repeat ?? test.repeat;
    onEvent({ type: "started", name: test.name, runs });
    const outcome = await runTest({ ...test, repeat: runs }, { request, text, engine, files, onEvent, signal });
    if (outcome === undefined) break; // it was stopped
    tests.push(outcome);
    onEvent({ type: "ended", outcome });
  }
  return { tests, complete: tests.length === chosen.length };
}

/**
 * Checks that hold for every input are checks of each test; where no test has an input, they are one test of the file's
 * default values. Throws `prompt-invalid` for a wrong file, `usage`.
 */
function testsOf({ path, names, repeat }: TestRequest, text: string, files: PromptFiles): readonly PromptTest[] {
  if (repeat !== undefined && (!Number.isSafeInteger(repeat) || repeat < 1))
    throw new TillerError("usage", `Tests are run a whole number of times, 1 or more, not ${repeat}.`);
  const { file } = parse(text);
  const { tests, diagnostics } = readTests(file);
  const [wrong] = diagnostics;
  if (wrong !== undefined)
    throw new TillerError("prompt-invalid", `The tests of ${path} are not right, so none was run: ${wrong.message}.`);
  const everywhere = tests.filter((it) => it.input === undefined);
  const cases = tests.filter((it) => it.input !== undefined);
  const shared = everywhere.flatMap((it) => it.assertions);
  const all =
    0 < cases.length
      ? cases.map((it) => ({ ...it, assertions: [...shared, ...it.assertions] }))
      : withInput(everywhere);
  if (all.length === 0)
    throw new TillerError("usage", `${path} has no tests. Add some under \`tiller.tests\` in its front matter.`);
  const missing = names?.find((name) => !all.some((it) => it.name === name));
  if (missing !== undefined) {
    const known = all.map((it) => `"${it.name}"`).join(", ");
    throw new TillerError("usage", `There is no test "${missing}" in ${path}. It has ${known}.`);
  }
  // A prompt that is wrong is said once, and not by every test.
  const chosen = names === undefined ? all : all.filter((it) => names.includes(it.name));
  checkOpens(path, text, files, chosen[0]!);
  return chosen;
}

function withInput(tests: readonly PromptTest[]): readonly PromptTest[] {
  return tests.map((it) => ({ ...it, input: {} }));
}

function checkOpens(path: string, text: string, files: PromptFiles, { input = {} }: PromptTest): void {
  try {
    openPrompt({ path, text, input, files });
  } catch (error) {
    // What is wrong with the input is a matter of that test.
    if (error instanceof TillerError && error.code === "input-invalid") return;
    throw error;
  }
}

interface Running {
  readonly request: TestRequest;
  readonly text: string;
  readonly engine: Engine;
  readonly files: PromptFiles;
  readonly onEvent: OnEvent<TestEvent>;
  readonly signal: AbortSignal;
}

/** Undefined when it was stopped. */
async function runTest(test: PromptTest, running: Running): Promise<TestOutcome | undefined> {
  const start = performance.now();
  const { request, engine, files, onEvent, signal } = running;
  const cells = Array.from({ length: test.repeat }, (_, repeat) => cellOf(test, repeat, running));
  const runs: TestRun[] = [];
  let stopped = false;
  for (let from = 0; from < cells.length && !stopped; from += MOST_ROWS) {
    await writeCells(
      cells.slice(from, from + MOST_ROWS),
      { engine, files, request, onEvent: (it) => it.type === "loading" && onEvent(it), signal },
      ({ cell }) => {
        if (cell.status === "stopped") return void (stopped = true);
        const run = runOf(cell);
        runs[cell.repeat] = run;
        onEvent({ type: "ran", name: test.name, run });
      },
    );
  }
  if (stopped) return undefined;
  const good = runs.filter((it) => it.passed).length;
  const { name, passRate } = test;
  const passed = keepsPassRate(good, runs.length, passRate);
  return { name, passed, runs, passRate, ms: performance.now() - start };
}

function cellOf(test: PromptTest, repeat: number, { request, text }: Running): CellToWrite {
  const { path, model, seed = 0 } = request;
  const { name, input = {} } = test;
  return {
    ...{ variant: "file", input: 0, repeat, seed: seed + repeat },
    planned: { variant: {}, compared: { model: basename(model.path) }, model, path, text },
    asked: { input: { name, values: input }, tests: [test] },
  };
}

function runOf(cell: Exclude<CellResult, { readonly status: "stopped" }>): TestRun {
  const { seed } = cell;
  if (cell.status === "failed") return { seed, passed: false, checks: [], problem: cell.message, tokens: 0 };
  const { text, value, tests: checks, validity, metrics } = cell;
  // A form that was only wished for is no check; it is told all the same.
  const [wrong] = validity.problems;
  return {
    ...{ seed, text, value, checks, tokens: metrics.tokens },
    passed: checks.every((it) => it.passed),
    ...(wrong !== undefined && { problem: `hole "${wrong.hole}": ${wrong.problem}` }),
  };
}
