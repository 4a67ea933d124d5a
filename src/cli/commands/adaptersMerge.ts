/** `tiller adapters merge`: several LoRA adapters with their scales, as one. */

import { basename } from "node:path";

import { TillerError } from "../../base/error.js";
import { resolveAdapter, scaledName } from "../adapterOptions.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { modelOptions, wholeNumber } from "../modelOptions.js";
import { resolveModel } from "../modelFiles.js";
import type { OptionSpecs } from "../optionSpec.js";
import { outPath } from "../outPath.js";

export const writeOptions = {
  out: {
    type: "string",
    short: "o",
    value: "PATH",
    help: "Where it is written: PATH.gguf is a file of llama.cpp, any other a PEFT folder.",
  },
  force: { type: "boolean", help: "Replace what is there." },
  model: modelOptions.model,
} as const satisfies OptionSpecs;

export const adaptersMerge = defineCommand({
  name: "adapters merge",
  summary: "Make one LoRA adapter of several.",
  operands: "ADAPTER[=SCALE]...",
  options: {
    ...writeOptions,
    rank: { type: "string", value: "N", help: "The largest rank; what is lost is said. Default: exact, ranks add up." },
    ...jsonOption,
  },
  details: `
Example:
  tiller adapters merge pirate=0.7 terse=0.5 --rank 8 --out adapters/short-pirate`,
  async run(terminal, options, operands) {
    const { stdout, stderr } = terminal;
    if (operands.length === 0)
      throw new TillerError("usage", "tiller adapters merge needs adapters, as in pirate=0.7 terse=0.5.");
    const out = outPath(terminal.cwd, "adapters merge", options);
    const rank = wholeNumber("--rank", options.rank, 1);
    const named = operands
      .map(scaledName)
      .map(({ name, scale = 1 }) => ({ path: resolveAdapter(terminal, name), scale }));
    const { withAdapterFiles } = await import("../adapterFiles.js");
    const { mergeAdapters } = await import("../../engine/adapters/merge.js");
    const { writeAdapter } = await import("../../engine/adapters/writeAdapter.js");
    const merged = await withAdapterFiles(resolveModel(terminal, options.model), async ({ model, load }) => {
      const adapters = await Promise.all(named.map(async ({ path, scale }) => ({ adapter: await load(path), scale })));
      const result = mergeAdapters(adapters, rank);
      const baseModel = adapters.map((it) => it.adapter.facts.baseModel).find((it) => it !== undefined);
      writeAdapter(out, { name: basename(out), baseModel, lowRank: result.lowRank }, model);
      return result;
    });
    const { worstLost, totalLost } = merged;
    if (options.json) stdout.write(jsonText(stdout, { path: out, rank: merged.rank, totalLost, worstLost }));
    else stderr.write(`Wrote ${out} with rank ${merged.rank}: ${lossText(totalLost, worstLost)}.\n`);
    return 0;
  },
});

function lossText(total: number, worst: number): string {
  if (worst === 0) return "nothing is lost";
  const percent = (part: number) => `${(100 * part).toPrecision(2)} %`;
  return `${percent(total)} of the change of the weights is lost (at worst ${percent(worst)} in one layer)`;
}
