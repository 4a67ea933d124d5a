/** `tiller compare`: variants of a prompt side by side, with figures for each. */

import { extname, resolve } from "node:path";

import { TillerError } from "../../base/error.js";
import { diffComparisons } from "../../compare/diffComparisons.js";
import { totalsTable } from "../../compare/report/columns.js";
import { variantTotals } from "../../compare/variantTotals.js";
import { renderReport } from "../../compare/report/renderReport.js";
import type {
  CompareEvent,
  CompareInputs,
  CompareRequest,
  CompareResult,
  ReportFormat,
} from "../../protocol/compare.js";
import type { ModelSpec } from "../../protocol/engine.js";
import { adapterFolders } from "../adapterOptions.js";
import { defineCommand, oneOperand } from "../command.js";
import { compareVariants } from "../compareVariants.js";
import { changesText, earlierComparison } from "../earlierComparison.js";
import { inputOf } from "../givenText.js";
import { jsonOption, jsonText, quietOption, streamOption } from "../jsonOutput.js";
import { resolveModel } from "../modelFiles.js";
import { modelOptions, modelSpec, wholeNumber } from "../modelOptions.js";
import { createProgress } from "../progress.js";
import { openResultFile } from "../resultFile.js";
import { checkStream } from "../runOptions.js";
import { textTable } from "../textTable.js";
import { plain, type Terminal } from "../terminal.js";
import { withEngine } from "../withEngine.js";

export const compare = defineCommand({
  name: "compare",
  summary: "Run variants of a .prompt file side by side and compare what they write.",
  operands: "FILE",
  options: {
    variants: { type: "string", value: "FILE", help: "A JSON list of variants. Default: those of tiller.compare." },
    input: { type: "string", short: "i", value: "JSON|@FILE", help: "One input. Default: the file's tests." },
    inputs: { type: "string", value: "FILE", help: "A .jsonl, .csv or .tsv file with an input on each line." },
    repeat: { type: "string", value: "N", help: "Write each input so often, with another seed each." },
    seeds: { type: "string", value: "N,N", help: "The seeds; further ones count on." },
    "max-tokens": { type: "string", value: "N", help: "Write at most so many tokens in each hole." },
    report: { type: "string", short: "o", value: "FILE", help: "Write a report: .md, .html or .json." },
    judge: {
      type: "string",
      value: "FILE",
      help: "A .prompt that chooses between the inputs `first` and `second`, asked in both orders.",
    },
    likelihood: { type: "string", value: "MODEL", help: "Score each output by its log-likelihood under this model." },
    against: {
      type: "string",
      value: "RUN",
      help: "Say what changed since a kept comparison: its id, or `last` for the newest of this file.",
    },
    "no-store": { type: "boolean", help: "Keep nothing in .tiller/runs." },
    ...modelOptions,
    ...jsonOption,
    ...streamOption,
    ...quietOption,
  },
  details: `
Results are kept in .tiller/runs of the current folder. The exit code is 1 when an output could not be written or a test of
tiller.tests does not hold: fewer of its repeats than its passRate passed.

Examples:
  tiller compare examples/compare.prompt
  tiller compare examples/compare.prompt --repeat 3 --report report.html
  tiller compare examples/compare.prompt --against last`,
  async run(terminal, options, operands) {
    const { stdout, stderr, cwd, signal } = terminal;
    checkStream({ ...options, out: undefined });
    const path = resolve(cwd, oneOperand("compare", "a .prompt file", operands));
    const model = modelSpec(terminal, options);
    const { variants, settings } = compareVariants(terminal, path, options.variants, model);
    const repeats = wholeNumber("--repeat", options.repeat, 1) ?? settings.repeat;
    const seeds = seedsOf(options.seeds) ?? settings.seeds;
    const maxTokens = wholeNumber("--max-tokens", options["max-tokens"], 1);
    const inputs = await inputsOf(options.input, options.inputs, cwd, () => inputOf(terminal, options.input));
    const report =
      options.report === undefined
        ? undefined
        : { path: resolve(cwd, options.report), format: formatOf(options.report) };
    const earlier = options.against === undefined ? undefined : earlierComparison(cwd, options.against, path);
    const request: CompareRequest = {
      ...{ path, variants, model, adapterFolders: adapterFolders(terminal) },
      ...(inputs && { inputs }),
      ...(repeats !== undefined && { repeats }),
      ...(seeds && { seeds }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...judgesOf(terminal, options, model),
      ...(!options["no-store"] && { store: { folder: cwd } }),
    };
    const file = report && openResultFile(report.path);
    const progress = createProgress(stderr, { model: model.path, sharesScreen: false, quiet: options.quiet });
    const onEvent = (event: CompareEvent) => {
      if (event.type === "loading") progress.onEvent(event);
      if (event.type === "progress" && !options.quiet) progress.note(progressLine(event));
      if (event.type === "not-stored") progress.note(`warning: the result was not kept: ${event.message}`);
      if (event.type === "not-judged") progress.note(`warning: ${unjudged[event.judge]}: ${event.message}`);
      if (options.stream) stdout.write(`${JSON.stringify(event)}\n`);
    };
    try {
      const result = await withEngine(progress, async (engine) => {
        const { createComparer } = await import("../../runner/compare/createComparer.js");
        const { nodeFiles } = await import("../../runner/nodeFiles.js");
        return createComparer({ engine, files: nodeFiles }).compare(request, onEvent, signal);
      });
      file?.commit(renderReport({ result }, report!.format));
      const changes = earlier && diffComparisons(earlier, result);
      if (options.stream) stdout.write(`${JSON.stringify({ type: "result", result, ...(changes && { changes }) })}\n`);
      else if (options.json) stdout.write(jsonText(stdout, changes === undefined ? result : { ...result, changes }));
      else
        stdout.write(plain(stdout, `${screenText(result)}${changes === undefined ? "" : `\n${changesText(changes)}`}`));
      return isGood(result) ? 0 : 1;
    } finally {
      file?.discard();
    }
  },
});

const unjudged = { prompt: "not all was judged", likelihood: "likelihoods are missing" } as const;

function judgesOf(
  terminal: Terminal,
  { judge, likelihood }: { readonly judge: string | undefined; readonly likelihood: string | undefined },
  model: ModelSpec,
): Pick<CompareRequest, "judges"> {
  const judges = {
    ...(judge !== undefined && { prompt: { path: resolve(terminal.cwd, judge) } }),
    ...(likelihood !== undefined && { likelihood: { ...model, path: resolveModel(terminal, likelihood) } }),
  };
  return Object.keys(judges).length === 0 ? {} : { judges };
}

function isGood({ cells, finish, variants, inputs }: CompareResult): boolean {
  if (finish !== "complete" || cells.some((it) => it.status !== "finished")) return false;
  return variantTotals({ variants, inputs, cells }).every((it) => it.passed === it.tests);
}

function progressLine({ done, failed, total, tokensPerSecond }: Extract<CompareEvent, { type: "progress" }>): string {
  return `${done + failed} of ${total}${failed === 0 ? "" : `, ${failed} failed`}, ${tokensPerSecond.toFixed(1)} tokens/s`;
}

/** Every output under its input, then the figures. */
function screenText(result: CompareResult): string {
  const label = (id: string) => result.variants.find((it) => it.id === id)?.label ?? id;
  const lines = result.inputs.flatMap(({ name }, input) => [
    `${name}`,
    ...result.cells
      .filter((it) => it.input === input)
      .flatMap((it) => {
        const head = `  ${label(it.variant)}, seed ${it.seed}:`;
        const text = it.status === "failed" ? `failed: ${it.message}` : it.output.map((part) => part.text).join("");
        return [
          head,
          ...text
            .trim()
            .split("\n")
            .map((line) => `    ${line}`),
        ];
      }),
    "",
  ]);
  return `${lines.join("\n")}\n${textTable(totalsTable(result))}`;
}

async function inputsOf(
  input: string | undefined,
  inputs: string | undefined,
  cwd: string,
  values: () => ReturnType<typeof inputOf>,
): Promise<CompareInputs | undefined> {
  if (input !== undefined && inputs !== undefined)
    throw new TillerError("usage", "--input is one input and --inputs a file of many; give one of both.");
  if (inputs !== undefined) return { kind: "file", path: resolve(cwd, inputs) };
  return input === undefined ? undefined : { kind: "values", values: await values() };
}

function seedsOf(given: string | undefined): readonly number[] | undefined {
  return given?.split(",").map((it) => wholeNumber("--seeds", it.trim(), 0)!);
}

function formatOf(path: string): ReportFormat {
  const format = formats[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new TillerError("usage", `--report writes .md, .html or .json, not "${path}".`);
}

const formats: Readonly<Record<string, ReportFormat>> = { ".md": "markdown", ".html": "html", ".json": "json" };
