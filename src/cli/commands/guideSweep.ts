/** `tiller guide sweep`: what a setting of a prompt's guide does at each of several strengths, and what it costs. */

import { resolve } from "node:path";

import { TillerError } from "../../base/error.js";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { jsonLines } from "../../lang/shots/jsonLines.js";
import type { ChatMessage, Engine, ModelSpec } from "../../protocol/engine.js";
import type { PromptRunner, RunRequest } from "../../protocol/run.js";
import type { SweepAnswer } from "../../runner/sweep.js";
import { adapterChoices, adapterFolders, adapterOptions } from "../adapterOptions.js";
import { defineCommand, oneOperand } from "../command.js";
import { dataOf, dataOptions } from "../dataOptions.js";
import { inputOf, textOf } from "../givenText.js";
import { guideOf, guideOptions } from "../guideOptions.js";
import { jsonOption, quietOption } from "../jsonOutput.js";
import { modelOptions, modelSpec, samplingOf, samplingOptions, wholeNumber } from "../modelOptions.js";
import { createProgress } from "../progress.js";
import { showSweep, sweepOptions, sweepSettings } from "../sweepOptions.js";
import type { Terminal } from "../terminal.js";
import { withEngine } from "../withEngine.js";

/** What can be varied, and where it does nothing. */
const varied = ["strength", "contrast.strength", "experts.strength"] as const;

export const guideSweep = defineCommand({
  name: "guide sweep",
  summary: "Run a prompt at several strengths: effect, fluency and time of each, as a table and a plot.",
  operands: "FILE",
  options: {
    ...sweepOptions,
    vary: {
      type: "string",
      value: "KEY",
      help: `What has the strengths: ${varied.join(", ")}, bias.WORD, vectors.NAME or adapter.NAME. Default: strength.`,
    },
    input: { type: "string", short: "i", value: "JSON|@FILE", help: "Values of the input variables." },
    inputs: {
      type: "string",
      value: "FILE.jsonl",
      help: "Several inputs, one on each line: the prompt is run with each.",
    },
    seeds: { type: "string", value: "N", help: "Run each input with so many seeds. Default: 1." },
    ...dataOptions,
    ...adapterOptions,
    ...guideOptions,
    ...samplingOptions,
    ...modelOptions,
    ...jsonOption,
    ...quietOption,
  },
  details: `
Fluency is the perplexity of what was written under the same prompt without guidance: where it rises, the text breaks.
Time is that of a token against the unguided run.

Examples:
  tiller guide sweep examples/guided.prompt --strength 1:2:0.25 --measure formality --plot effect.svg
  tiller guide sweep examples/guided.prompt --vary bias.harbor --strength 0:4:1 --measure count:harbor`,
  async run(terminal, options, operands) {
    const { stderr, cwd, signal } = terminal;
    const { strengths, measure } = sweepSettings(options);
    const path = resolve(cwd, oneOperand("guide sweep", "a .prompt file", operands));
    const at = settingAt(options.vary ?? "strength", guideOf(options).guide ?? {});
    const inputs = await inputsOf(terminal, options);
    const model = modelSpec(terminal, options);
    const { sampling, ...limits } = samplingOf(options);
    const seeds = wholeNumber("--seeds", options.seeds, 1, 1000) ?? 1;
    const base = {
      path,
      model,
      adapterFolders: adapterFolders(terminal),
      ...limits,
    };
    const chosen = adapterChoices(terminal, options).adapters ?? [];
    const progress = createProgress(stderr, { model: model.path, sharesScreen: false, quiet: options.quiet });
    const { sweep } = await import("../../runner/sweep.js");
    const found = await withEngine(progress, async (engine) => {
      const { createPromptRunner } = await import("../../runner/promptRunner.js");
      const { nodeFiles } = await import("../../runner/nodeFiles.js");
      const runner = createPromptRunner({ engine, files: nodeFiles });
      const runAt = async (strength: number): Promise<SweepAnswer[]> => {
        const { adapters = [], guide } = at.with(strength);
        const answers: SweepAnswer[] = [];
        for (const input of inputs)
          for (let i = 0; i < seeds; i++) {
            const seed = { ...sampling, seed: (sampling.seed ?? 0) + i };
            const request = { ...base, input, sampling: seed, guide, adapters: [...chosen, ...adapters] };
            answers.push(await answerOf(engine, runner, request, signal));
          }
        return answers;
      };
      const onProgress = ({ done, total, strength }: { done: number; total: number; strength: number }) =>
        progress.note(`strength ${strength}, ${done + 1} of ${total}`);
      return sweep({ strengths, unguided: at.unguided, measure, scorer: { engine, model }, runAt }, onProgress, signal);
    });
    progress.clear();
    showSweep(terminal, found, { plot: options.plot, json: options.json });
    return 0;
  },
});

type Settings = Pick<RunRequest, "guide" | "adapters">;

interface Varied {
  /** The strength at which nothing is guided. */
  readonly unguided: number;
  with(strength: number): Settings & { readonly guide: JsonObject };
}

/** Throws `usage`. */
function settingAt(key: string, guide: JsonObject): Varied {
  const [head = "", ...rest] = key.split(".");
  const name = rest.join(".");
  const inside = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
  if (key === "strength") return { unguided: 1, with: (strength) => ({ guide: { ...guide, strength } }) };
  if ((head === "contrast" || head === "experts") && name === "strength") {
    const settings = inside(guide[head]);
    if (Object.keys(settings).length === 0)
      throw new TillerError("usage", `--vary ${key} needs the rest of it, as in --guide '${head}={...}'.`);
    return { unguided: 0, with: (strength) => ({ guide: { ...guide, [head]: { ...settings, strength } } }) };
  }
  if (head === "bias" && name !== "")
    return { unguided: 0, with: (it) => ({ guide: { ...guide, bias: { ...inside(guide["bias"]), [name]: it } } }) };
  if (head === "vectors" && name !== "")
    return { unguided: 0, with: (strength) => ({ guide: { ...guide, vectors: [{ name, strength }] } }) };
  if (head === "adapter" && name !== "")
    return { unguided: 0, with: (scale) => ({ guide, adapters: [{ name, scale }] }) };
  throw new TillerError(
    "usage",
    `--vary is one of ${varied.join(", ")}, bias.WORD, vectors.NAME and adapter.NAME, not "${key}".`,
  );
}

async function inputsOf(
  terminal: Terminal,
  options: {
    readonly input: string | undefined;
    readonly inputs: string | undefined;
    readonly data: readonly string[];
  },
): Promise<readonly JsonObject[]> {
  const all = { ...(await inputOf(terminal, options.input)), ...dataOf(terminal, options) };
  if (options.inputs === undefined) return [all];
  const lines = jsonLines(await textOf(terminal, options.inputs));
  if (lines.length === 0) throw new TillerError("input-invalid", `${options.inputs} has no inputs in it.`);
  return lines.map((it) => {
    if ("value" in it && isJsonObject(it.value)) return { ...all, ...it.value };
    throw new TillerError("input-invalid", `${options.inputs}, line ${it.line}: expected an object of variables.`);
  });
}

async function answerOf(
  engine: Pick<Engine, "tokenize">,
  runner: PromptRunner,
  request: RunRequest,
  signal: AbortSignal,
): Promise<SweepAnswer> {
  let rendered: readonly ChatMessage[] = [];
  const { messages, holes } = await runner.run(
    request,
    (event) => {
      if (event.type === "rendered") rendered = event.messages;
    },
    signal,
  );
  signal.throwIfAborted();
  const { model } = request;
  const before = await idsOf(engine, model, rendered, signal);
  const all = await idsOf(engine, model, messages, signal);
  // The last token before the hole may be another one with what stands behind it.
  const same = before.findIndex((it, i) => all[i] !== it);
  const read = same < 0 ? before.length : same;
  return {
    text: holes
      .filter((it) => !it.hidden)
      .map((it) => it.text.trim())
      .join("\n"),
    promptIds: all.slice(0, read),
    answerIds: all.slice(read),
    ms: holes.reduce((sum, it) => sum + it.usage.decodeMs, 0),
    tokens: holes.reduce((sum, it) => sum + it.usage.completionTokens, 0),
  };
}

/** Of a conversation whose last message is open. */
async function idsOf(
  engine: Pick<Engine, "tokenize">,
  model: ModelSpec,
  messages: readonly ChatMessage[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const prompt = { type: "messages", messages, continueLast: true } as const;
  return (await engine.tokenize({ model, prompt }, () => undefined, signal)).ids;
}
