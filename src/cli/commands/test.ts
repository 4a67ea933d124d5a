/** `tiller test`: runs the tests of `.prompt` files. */

import { extname, resolve } from "node:path";

import { count } from "../../base/count.js";
import { TillerError } from "../../base/error.js";
import { failureText } from "../../lang/tests/failureText.js";
import type { TestEvent, TestOutcome } from "../../protocol/test.js";
import { adapterFolders } from "../adapterOptions.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText, quietOption, streamOption } from "../jsonOutput.js";
import { junitReport } from "../junitReport.js";
import { modelOptions, modelSpec, wholeNumber } from "../modelOptions.js";
import { createProgress } from "../progress.js";
import { findPrompts, type PromptPath } from "../promptPaths.js";
import { openResultFile } from "../resultFile.js";
import { checkStream } from "../runOptions.js";
import { plain, styled, type Output } from "../terminal.js";
import type { TestedPrompt } from "../testedPrompt.js";
import { withEngine } from "../withEngine.js";

export const test = defineCommand({
  name: "test",
  summary: "Run the tests of .prompt files (tiller.tests).",
  operands: "PATH...",
  options: {
    name: { type: "string", multiple: true, value: "NAME", help: "Only tests of this name. Repeatable." },
    repeat: { type: "string", value: "N", help: "Run each test so often, with another seed each." },
    seed: { type: "string", value: "N", help: "Seed of the first run; further ones count on (default 0)." },
    "max-tokens": { type: "string", value: "N", help: "Write at most so many tokens in each hole." },
    report: { type: "string", short: "o", value: "FILE", help: "Write a report: .xml (JUnit) or .json." },
    ...modelOptions,
    ...jsonOption,
    ...streamOption,
    ...quietOption,
  },
  details: `
Folders are searched for *.prompt files that have tests. A test passes when so many of its runs pass as its passRate says.
The exit code is 1 when a test failed or a prompt could not be tested.

Examples:
  tiller test prompts
  tiller test examples/compare.prompt --repeat 5 --report results.xml`,
  async run(terminal, options, operands) {
    const { stdout, stderr, cwd, signal } = terminal;
    checkStream({ ...options, out: undefined });
    if (operands.length === 0)
      throw new TillerError("usage", "tiller test needs files or folders. See tiller test --help.");
    const repeat = wholeNumber("--repeat", options.repeat, 1);
    const seed = wholeNumber("--seed", options.seed, 0);
    const maxTokens = wholeNumber("--max-tokens", options["max-tokens"], 1);
    const model = modelSpec(terminal, options);
    const paths = await withTests(findPrompts(cwd, operands), options.name, operands);
    const print = options.report === undefined ? undefined : reportOf(options.report);
    const file = options.report === undefined ? undefined : openResultFile(resolve(cwd, options.report));
    const progress = createProgress(stderr, { model: model.path, sharesScreen: true, quiet: options.quiet });
    const isScreen = !options.json && !options.stream;
    const tested: TestedPrompt[] = [];
    try {
      await withEngine(progress, async (engine) => {
        const { createPromptTester } = await import("../../runner/tests/testRunner.js");
        const { nodeFiles } = await import("../../runner/nodeFiles.js");
        const tester = createPromptTester({ engine, files: nodeFiles });
        for (const { path, name, names } of paths) {
          if (signal.aborted) break;
          if (isScreen) stdout.write(`${plain(stdout, name)}\n`);
          const onEvent = (event: TestEvent) => {
            if (event.type === "loading") progress.onEvent(event);
            if (event.type === "ended" && isScreen) stdout.write(outcomeText(stdout, event.outcome));
            if (options.stream) stdout.write(`${JSON.stringify({ ...event, prompt: name })}\n`);
          };
          const request = { path, model, adapterFolders: adapterFolders(terminal), ...(names && { names }) };
          const limits = {
            ...(repeat !== undefined && { repeat }),
            ...(seed !== undefined && { seed }),
            ...(maxTokens !== undefined && { maxTokens }),
          };
          try {
            tested.push({ name, report: await tester.test({ ...request, ...limits }, onEvent, signal) });
          } catch (error) {
            // One prompt that is wrong leaves the others to be tested.
            if (!(error instanceof TillerError)) throw error;
            tested.push({ name, problem: error.message });
            if (isScreen) stdout.write(`  ${styled(stdout, "red", "error")} ${plain(stdout, error.message)}\n`);
          }
        }
      });
      signal.throwIfAborted();
      const result = { prompts: tested, ...totals(tested) };
      file?.commit(print!(tested));
      if (options.stream) stdout.write(`${JSON.stringify({ type: "result", result })}\n`);
      else if (options.json) stdout.write(jsonText(stdout, result));
      else stderr.write(`${summary(stderr, result)}\n`);
      return 0 < result.failed + result.errors ? 1 : 0;
    } finally {
      file?.discard();
    }
  },
});

interface TestPath extends PromptPath {
  /** Those of the names that were asked for which this prompt has; undefined: all. */
  readonly names: readonly string[] | undefined;
}

/** Throws `usage` where there is nothing to run: a run of no tests that passes would say nothing. */
async function withTests(
  paths: readonly PromptPath[],
  names: readonly string[],
  operands: readonly string[],
): Promise<readonly TestPath[]> {
  const { testNames } = await import("../testNames.js");
  const known = paths.map((it) => ({ ...it, own: testNames(it.path) }));
  const named = known.flatMap(({ own, ...it }) => {
    if (own === undefined) return [{ ...it, names: undefined }]; // what is wrong with it is said when it is tested
    const wanted = names.length === 0 ? own : own.filter((one) => names.includes(one));
    return wanted.length === 0 ? [] : [{ ...it, names: names.length === 0 ? undefined : wanted }];
  });
  if (0 < named.length) return named;
  const what = names.length === 0 ? "no test" : `no test called ${names.map((it) => `"${it}"`).join(" or ")}`;
  throw new TillerError("usage", `There is ${what} in ${operands.join(", ")}. Tests stand under \`tiller.tests\`.`);
}

function totals(tested: readonly TestedPrompt[]) {
  const outcomes = tested.flatMap((it) => it.report?.tests ?? []);
  const passed = outcomes.filter((it) => it.passed).length;
  return {
    passed,
    failed: outcomes.length - passed,
    errors: tested.filter((it) => it.problem !== undefined).length,
  };
}

function outcomeText(output: Output, outcome: TestOutcome): string {
  const { name, passed, runs, ms } = outcome;
  const mark = passed ? styled(output, "green", "passed") : styled(output, "red", "failed");
  const share = runs.length === 1 ? "" : `, ${runs.filter((it) => it.passed).length} of ${runs.length}`;
  const lines = passed ? [] : failureText(outcome).map((it) => `    ${plain(output, it)}\n`);
  return `  ${mark} ${plain(output, name)} (${(ms / 1000).toFixed(1)} s${share})\n${lines.join("")}`;
}

function summary(output: Output, { passed, failed, errors }: ReturnType<typeof totals>): string {
  const problems = errors === 0 ? "" : `, ${count(errors, "prompt")} could not be tested`;
  return styled(output, 0 < failed + errors ? "red" : "green", `${passed} passed, ${failed} failed${problems}`);
}

function reportOf(path: string): (tested: readonly TestedPrompt[]) => string {
  switch (extname(path).toLowerCase()) {
    case ".xml":
      return junitReport;
    case ".json":
      return (tested) => `${JSON.stringify({ prompts: tested, ...totals(tested) }, undefined, 2)}\n`;
    default:
      throw new TillerError("usage", `--report writes .xml (JUnit) or .json, not "${path}".`);
  }
}
