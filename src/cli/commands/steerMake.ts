/** `tiller steer make`: a control vector from pairs of prompts, and how well it separates pairs that were held out. */

import { basename } from "node:path";

import { TillerError } from "../../base/error.js";
import type { PromptStates } from "../../protocol/engine.js";
import type { DirectionMethod, StatePair } from "../../engine/steering/directions.js";
import type { LayerSeparation } from "../../engine/steering/heldOut.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText, quietOption } from "../jsonOutput.js";
import { modelOptions, modelSpec } from "../modelOptions.js";
import { outPath } from "../outPath.js";
import { createProgress } from "../progress.js";
import { separationTable } from "../separationTable.js";
import { promptPairsOf, steerPromptOptions } from "../steerPrompts.js";
import { withEngine } from "../withEngine.js";

const DEFAULT_HOLDOUT = 0.25;
const MOST_HOLDOUT = 0.5;

export const steerMake = defineCommand({
  name: "steer make",
  summary: "Make a control vector from pairs of prompts.",
  operands: "",
  options: {
    ...steerPromptOptions,
    method: { type: "string", value: "mean|pca", help: "Difference of means (default), or principal component." },
    layers: {
      type: "string",
      value: "FROM:TO|best",
      help: "Layers it steers, from 1; best: those the report suggests. Default: all.",
    },
    holdout: {
      type: "string",
      value: "PART",
      help: "Part of the pairs that is held out at a time, 0 (no report) to 0.5. Default: 0.25.",
    },
    description: { type: "string", value: "TEXT", help: "What it does; written into the file." },
    out: { type: "string", short: "o", value: "NAME.gguf", help: "Where it is written, in llama.cpp's format." },
    force: { type: "boolean", help: "Replace what is there." },
    ...modelOptions,
    ...jsonOption,
    ...quietOption,
  },
  details: `
The file is used as an adapter: --adapter NAME.gguf=4. The vector is made of all pairs. For the report each pair is held
out once, and measured with directions of the others: how many pairs are right (the positive prompt lies higher), how often
any positive prompt lies higher than any negative one (AUC, 0.5 is chance), and how far apart both are in standard
deviations (Cohen's d) and in units of the strength.

Example:
  tiller steer make --positive examples/steering/cheerful.txt --negative examples/steering/sad.txt --out cheerful.gguf`,
  async run(terminal, options, operands) {
    const { stdout, stderr, signal } = terminal;
    if (operands[0] !== undefined)
      throw new TillerError("usage", `tiller steer make takes options only; "${operands[0]}" is too much.`);
    const out = outPath(terminal.cwd, "steer make", options);
    if (!/\.gguf$/i.test(out)) throw new TillerError("usage", `A control vector is a GGUF file: --out ${out}.gguf.`);
    const method = methodOf(options.method);
    const holdout = holdoutOf(options.holdout);
    const layers = layersOf(options.layers);
    if (layers === "best" && holdout === 0)
      throw new TillerError("usage", "--layers best needs pairs that are held out: leave out --holdout 0.");
    const { positive, negative, at } = await promptPairsOf(terminal, "steer make", options);
    const model = modelSpec(terminal, options);
    const progress = createProgress(stderr, { model: model.path, sharesScreen: false, quiet: options.quiet });
    const { states, facts } = await withEngine(progress, async (engine) => {
      const { prompts } = await engine.hiddenStates(
        { model, prompts: [...positive, ...negative], at },
        progress.onEvent,
        signal,
      );
      return { states: prompts, facts: await engine.inspect({ path: model.path }, () => undefined, signal) };
    });
    const { directionsOf } = await import("../../engine/steering/directions.js");
    const { heldOutSeparation } = await import("../../engine/steering/heldOut.js");
    const { bestLayers } = await import("../../engine/steering/bestLayers.js");
    const { writeControlVector } = await import("../../engine/adapters/writeControlVector.js");
    const pairs = pairsOf(states);
    // llama.cpp has no direction for the first layer.
    const report = holdout === 0 ? [] : heldOutSeparation(pairs, method, holdout).filter((it) => 0 < it.layer);
    const best = bestLayers(report);
    const [first, last] = rangeOf(layers, best, facts.layers);
    const all = directionsOf(pairs, method);
    const directions = new Map(all.map((it, layer) => [layer, it] as const).slice(first, last + 1));
    const name = basename(out).replace(/(?:\.control-vector)?\.gguf$/i, "");
    const { description = `${name}: from ${pairs.length} pairs of prompts` } = options;
    writeControlVector(out, {
      architecture: facts.architecture,
      description,
      directions,
      provenance: {
        "tiller.steer.method": method,
        "tiller.steer.at": at,
        "tiller.steer.pairs": { count: pairs.length },
        "tiller.steer.model": facts.name,
      },
    });
    if (options.json) {
      stdout.write(
        jsonText(stdout, { path: out, method, at, pairs: pairs.length, layers: [first, last], best, holdout, report }),
      );
      return 0;
    }
    stdout.write(0 < report.length ? separationTable(report, best) : "");
    stderr.write(`${advice(best, report)}Wrote ${out}: layers ${first} to ${last}, from ${pairs.length} pairs.\n`);
    return 0;
  },
});

/** The positive prompts first. */
export function pairsOf(states: readonly PromptStates[]): StatePair[] {
  const half = states.length / 2;
  return states.slice(0, half).map((it, i) => ({ positive: it.layers, negative: states[half + i]!.layers }));
}

function advice(best: readonly [number, number] | undefined, report: readonly LayerSeparation[]): string {
  if (report.length === 0) return "";
  if (best === undefined)
    return "No layer separates the held-out pairs better than chance: the pairs may differ in too many ways.\n";
  return `* the layers that separate best: ${best[0]} to ${best[1]}. To keep to them: --layers best.\n`;
}

function methodOf(given = "mean"): DirectionMethod {
  if (given === "mean" || given === "pca") return given;
  throw new TillerError("usage", `--method is mean or pca, not "${given}".`);
}

function holdoutOf(given: string | undefined): number {
  if (given === undefined) return DEFAULT_HOLDOUT;
  const value = given.trim() === "" ? NaN : Number(given);
  if (0 <= value && value <= MOST_HOLDOUT) return value;
  throw new TillerError("usage", `--holdout is a part of the pairs, from 0 to ${MOST_HOLDOUT}, not "${given}".`);
}

function layersOf(given: string | undefined): readonly [number, number] | "best" | "all" {
  if (given === undefined) return "all";
  if (given === "best") return "best";
  const [, first, last = first] = /^(\d+)(?::(\d+))?$/.exec(given) ?? [];
  if (first === undefined || Number(last) < Number(first))
    throw new TillerError("usage", `--layers is FROM:TO, as in 8:20, or best, not "${given}".`);
  if (Number(first) === 0)
    throw new TillerError("usage", "--layers begins at 1: the format has no direction for layer 0.");
  return [Number(first), Number(last)];
}

function rangeOf(
  layers: ReturnType<typeof layersOf>,
  best: readonly [number, number] | undefined,
  count: number,
): readonly [number, number] {
  if (layers === "all") return [1, count - 1];
  if (layers !== "best") {
    if (layers[1] < count) return layers;
    throw new TillerError("usage", `--layers ends at ${count - 1} with this model, not at ${layers[1]}.`);
  }
  if (best !== undefined) return best;
  throw new TillerError(
    "input-invalid",
    "No layer separates the held-out pairs better than chance: nothing was written.",
  );
}
