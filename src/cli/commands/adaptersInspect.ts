/** `tiller adapters inspect`: what an adapter's files hold, and whether they fit a model. */

import { TillerError } from "../../base/error.js";
import type { AdapterFacts } from "../../protocol/adapter.js";
import { resolveAdapter } from "../adapterOptions.js";
import { defineCommand, oneOperand } from "../command.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { modelOptions } from "../modelOptions.js";
import { resolveModel } from "../modelFiles.js";
import { sizeText } from "../../base/sizeText.js";
import { plain } from "../terminal.js";

interface Inspected extends AdapterFacts {
  /** Of the model that it was tried on. */
  readonly model: string;
  /** Why it does not fit; undefined when it does. */
  readonly problem?: string;
  /** While it is used, as float32. */
  readonly memoryBytes?: number;
}

export const adaptersInspect = defineCommand({
  name: "adapters inspect",
  summary: "Show what an adapter holds, and whether it fits a model.",
  operands: "ADAPTER",
  options: { model: modelOptions.model, ...jsonOption },
  async run(terminal, options, operands) {
    const { stdout } = terminal;
    const path = resolveAdapter(
      terminal,
      oneOperand("adapters inspect", "an adapter (a folder, a file or a name)", operands),
    );
    const model = resolveModel(terminal, options.model);
    const found = await inspect(path, model);
    stdout.write(options.json ? jsonText(stdout, found) : plain(stdout, text(found)));
    return found.problem === undefined ? 0 : 1;
  },
});

async function inspect(path: string, model: string): Promise<Inspected> {
  const { openAdapter } = await import("../../engine/adapters/openAdapter.js");
  const { compose } = await import("../../engine/adapters/compose.js");
  const { withAdapterFiles } = await import("../adapterFiles.js");
  const source = await openAdapter(path);
  source.close();
  try {
    return await withAdapterFiles(model, async (files) => {
      const { memoryBytes } = compose([{ adapter: await files.load(path), scale: 1 }], files.model);
      return { ...source.facts, model, memoryBytes };
    });
  } catch (error) {
    if (error instanceof TillerError && error.code.startsWith("adapter-"))
      return { ...source.facts, model, problem: error.message };
    throw error;
  }
}

function text(it: Inspected): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["name", it.name],
    ["path", it.path],
    ["form", `${it.form}, as ${it.format} writes it`],
    ["trained on", it.baseModel],
    ["what it does", it.description],
    ["rank", it.rank?.toString()],
    ["alpha", it.alpha === undefined || it.alpha === 0 ? undefined : String(it.alpha)],
    ["positions", it.virtualTokens?.toString()],
    ["modules", it.modules.length === 0 ? undefined : it.modules.join(", ")],
    ["layers", it.layers === 0 ? undefined : String(it.layers)],
    ["parameters", it.parameterCount.toLocaleString("en-US")],
    ["size", sizeText(it.sizeBytes)],
    ["in memory", it.memoryBytes === undefined ? undefined : sizeText(it.memoryBytes)],
    ["model", it.model],
    ["fits", it.problem === undefined ? "yes" : `no: ${it.problem}`],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(14)}${value}\n`])).join("");
}
