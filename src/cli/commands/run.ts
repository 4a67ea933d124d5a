/** `tiller run`: runs a `.prompt` file and shows what it writes as it is written. */

import { resolve } from "node:path";

import type { Json } from "../../base/json.js";
import type { RunEvent, RunResult } from "../../protocol/run.js";
import { adapterChoices, adapterFolders, adapterOptions } from "../adapterOptions.js";
import { attentionOf, attentionOptions } from "../attentionOptions.js";
import { defineCommand, oneOperand } from "../command.js";
import { dataOf, dataOptions } from "../dataOptions.js";
import { inputOf } from "../givenText.js";
import { guideOf, guideOptions } from "../guideOptions.js";
import { jsonOption, jsonText, quietOption, streamOption } from "../jsonOutput.js";
import { modelOptions, modelSpec, samplingOf, samplingOptions } from "../modelOptions.js";
import { holeReport } from "../holeReport.js";
import { createProgress } from "../progress.js";
import { openResultFile } from "../resultFile.js";
import { createRunScreen } from "../runScreen.js";
import { checkStream, outOption } from "../runOptions.js";
import { withEngine } from "../withEngine.js";

export const run = defineCommand({
  name: "run",
  summary: "Run a .prompt file: fill its holes with what the model writes.",
  operands: "FILE",
  options: {
    input: {
      type: "string",
      short: "i",
      value: "JSON|@FILE",
      help: "Values of the input variables; @- is standard input.",
    },
    ...dataOptions,
    ...adapterOptions,
    ...guideOptions,
    ...samplingOptions,
    ...attentionOptions,
    ...modelOptions,
    ...outOption,
    ...jsonOption,
    ...streamOption,
    ...quietOption,
  },
  details: `
--out holds the text of the only hole, or an object of the values of all; with --json the whole result.

Examples:
  tiller run examples/hello.prompt --input '{"city": "Oslo"}'
  tiller run examples/classify.prompt --input @ticket.json --json
  tiller run examples/hello.prompt --input '{"city": "Oslo"}' --adapter pirate=0.8
  tiller run examples/slogan.prompt --guide tone=enthusiastic --guide strength=1.5 --guide bestOf=4`,
  async run(terminal, options, operands) {
    const { stdout, stderr, cwd, signal } = terminal;
    checkStream(options);
    const path = resolve(cwd, oneOperand("run", "a .prompt file", operands));
    const input = { ...(await inputOf(terminal, options.input)), ...dataOf(terminal, options) };
    const model = modelSpec(terminal, options);
    const adapters = { ...adapterChoices(terminal, options), adapterFolders: adapterFolders(terminal) };
    const steering = { ...guideOf(options), ...attentionOf(options) };
    const request = { path, input, model, ...adapters, ...steering, ...samplingOf(options) };
    const file = options.out === undefined ? undefined : openResultFile(resolve(cwd, options.out));
    const screen = file === undefined && !options.json ? createRunScreen(stdout) : undefined;
    const sharesScreen = screen !== undefined && stdout.isTerminal;
    const progress = createProgress(stderr, { model: model.path, sharesScreen, quiet: options.quiet });
    const onEvent = (event: RunEvent) => {
      progress.onEvent(event);
      screen?.onEvent(event);
      if (options.stream) stdout.write(`${JSON.stringify(event)}\n`);
    };
    try {
      const runnerModule = import("../../runner/promptRunner.js"); // read while the engine is
      const filesModule = import("../../runner/nodeFiles.js");
      const result = await withEngine(progress, async (engine) => {
        const { createPromptRunner } = await runnerModule;
        const { nodeFiles } = await filesModule;
        return createPromptRunner({ engine, files: nodeFiles }).run(request, onEvent, signal);
      });
      screen?.end(result);
      if (options.stream) stdout.write(`${JSON.stringify({ type: "result", result })}\n`);
      else if (screen === undefined && file === undefined) stdout.write(jsonText(stdout, result));
      else if (result.finish !== "cancelled") file?.commit(options.json ? jsonText(stdout, result) : text(result));
      progress.summary(result.holes.map((it) => it.usage));
      for (const line of result.holes.flatMap(holeReport)) progress.note(line);
      return result.finish === "cancelled" ? 1 : 0;
    } finally {
      file?.discard();
    }
  },
});

function text({ output }: RunResult): string {
  return `${typeof output === "string" ? output : JSON.stringify(output satisfies Json, undefined, 2)}\n`;
}
