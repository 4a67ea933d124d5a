/** `tiller steer inspect`: what a control vector holds, and how well it separates pairs of prompts. */

import { TillerError } from "../../base/error.js";
import type { LayerSeparation } from "../../engine/steering/heldOut.js";
import type { PromptStates } from "../../protocol/engine.js";
import { resolveAdapter } from "../adapterOptions.js";
import { defineCommand, oneOperand } from "../command.js";
import { jsonOption, jsonText, quietOption } from "../jsonOutput.js";
import { modelOptions, modelSpec } from "../modelOptions.js";
import { createProgress } from "../progress.js";
import { separationTable } from "../separationTable.js";
import { promptPairsOf, steerPromptOptions } from "../steerPrompts.js";
import { plain, type Output } from "../terminal.js";
import { withEngine } from "../withEngine.js";
import { pairsOf } from "./steerMake.js";

interface Inspected {
  readonly path: string;
  readonly name: string;
  readonly description?: string;
  /** The architecture that it is for. */
  readonly architecture?: string;
  readonly method?: string;
  readonly pairs?: number;
  readonly model?: string;
  readonly hiddenSize: number;
  readonly layers: readonly { readonly layer: number; readonly length: number }[];
  /** Of the given pairs; the directions are taken at length 1. */
  readonly report?: readonly LayerSeparation[];
  readonly best?: readonly [number, number];
}

export const steerInspect = defineCommand({
  name: "steer inspect",
  summary: "Show what a control vector holds, and how well it separates pairs of prompts.",
  operands: "VECTOR",
  options: { ...steerPromptOptions, ...modelOptions, ...jsonOption, ...quietOption },
  details: `
With --positive and --negative: the report of tiller steer make, for pairs that the vector was not made of.

Example:
  tiller steer inspect cheerful.gguf --positive happy.txt --negative unhappy.txt`,
  async run(terminal, options, operands) {
    const { stdout } = terminal;
    const path = resolveAdapter(terminal, oneOperand("steer inspect", "a control vector (a GGUF file)", operands));
    const isMeasured = (options.positive ?? options.negative) !== undefined;
    const prompts = isMeasured ? await promptPairsOf(terminal, "steer inspect", options) : undefined;
    const model = modelSpec(terminal, options);
    const { inspected, directions } = await inspect(path, model.path);
    if (prompts === undefined) {
      stdout.write(options.json ? jsonText(stdout, inspected) : plain(stdout, text(inspected)));
      return 0;
    }
    const progress = createProgress(terminal.stderr, { model: model.path, sharesScreen: false, quiet: options.quiet });
    const { positive, negative, at } = prompts;
    const request = { model, prompts: [...positive, ...negative], at };
    const states: readonly PromptStates[] = await withEngine(
      progress,
      async (engine) => (await engine.hiddenStates(request, progress.onEvent, terminal.signal)).prompts,
    );
    const { separationBy } = await import("../../engine/steering/heldOut.js");
    const { bestLayers } = await import("../../engine/steering/bestLayers.js");
    const report = separationBy(directions, pairsOf(states));
    const best = bestLayers(report);
    const found: Inspected = { ...inspected, report, ...(best && { best }) };
    stdout.write(options.json ? jsonText(stdout, found) : measuredText(stdout, found));
    return 0;
  },
});

/** Throws what is wrong with the file, or that it is for another model. `directions` have the length 1. */
async function inspect(path: string, modelPath: string) {
  const { openModelFile } = await import("../../engine/gguf/modelFile.js");
  const { withAdapterFiles } = await import("../adapterFiles.js");
  const adapter = await withAdapterFiles(modelPath, ({ load }) => load(path));
  const { facts } = adapter;
  if (facts.form !== "control-vector")
    throw new TillerError(
      "usage",
      `${path} is a ${facts.form} adapter, not a control vector: see tiller adapters inspect.`,
    );
  const found = [...adapter.directions].sort(([a], [b]) => a - b);
  const lengths = found.map(([layer, values]) => ({ layer, length: Math.hypot(...values) }));
  const file = await openModelFile(path);
  const { metadata } = file;
  file.close();
  const architecture = metadata.text("controlvector.model_hint");
  const method = metadata.text("tiller.steer.method");
  const pairs = metadata.number("tiller.steer.pairs");
  const model = metadata.text("tiller.steer.model");
  const inspected: Inspected = {
    path,
    name: facts.name,
    ...(facts.description !== undefined && { description: facts.description }),
    ...(architecture !== undefined && { architecture }),
    ...(method !== undefined && { method }),
    ...(pairs !== undefined && { pairs }),
    ...(model !== undefined && { model }),
    hiddenSize: found[0]?.[1].length ?? 0,
    layers: lengths,
  };
  const directions = new Map(
    found.map(([layer, values], i) => {
      const { length } = lengths[i]!;
      return [layer, Float64Array.from(values, (it) => (0 < length ? it / length : 0))] as const;
    }),
  );
  return { inspected, directions };
}

function measuredText(output: Output, found: Inspected): string {
  const { report = [], best } = found;
  const end = best === undefined ? "" : `* the layers that separate best: ${best[0]} to ${best[1]}\n`;
  return `${plain(output, text(found))}\n${separationTable(report, best)}${end}`;
}

function text(it: Inspected): string {
  const lengths = it.layers.map(({ length }) => length);
  const range = (values: readonly number[]) => {
    const [least, most] = [Math.min(...values), Math.max(...values)].map((one) => one.toPrecision(3));
    return least === most ? least! : `${least} to ${most}`;
  };
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["name", it.name],
    ["path", it.path],
    ["what it does", it.description],
    ["architecture", it.architecture],
    ["made on", it.model],
    ["made by", it.method && `${it.method} of ${it.pairs ?? "?"} pairs`],
    ["width", String(it.hiddenSize)],
    ["layers", layersText(it.layers.map(({ layer }) => layer))],
    ["length", range(lengths)],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(14)}${value}\n`])).join("");
}

/** `1 to 29`, or each of them where some are missing. */
function layersText(layers: readonly number[]): string {
  const [first, last] = [layers[0]!, layers.at(-1)!];
  return last - first + 1 === layers.length ? `${first} to ${last}` : layers.join(", ");
}
