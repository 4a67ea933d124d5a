/** `tiller adapters list`: the adapters on this machine, or in a folder. */

import { resolve } from "node:path";

import { TillerError } from "../../base/error.js";
import type { AdapterFacts, FoundAdapters } from "../../protocol/adapter.js";
import { adapterFolders } from "../adapterOptions.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { sizeText } from "../../base/sizeText.js";
import { plain, type Output } from "../terminal.js";

export const adaptersList = defineCommand({
  name: "adapters list",
  summary: "List the adapters on this machine, or in a folder.",
  operands: "[FOLDER]",
  options: jsonOption,
  details: `
Without FOLDER: those in the folders of TILLER_ADAPTERS, in ./adapters, in ~/.tiller/adapters, and the examples. Any of the
names can be given to --adapter.`,
  async run(terminal, options, operands) {
    const { stdout, stderr, cwd } = terminal;
    if (1 < operands.length)
      throw new TillerError("usage", `tiller adapters list takes one folder, not ${operands.length}.`);
    const [folder] = operands;
    const { listAdapters } = await import("../../engine/adapters/openAdapter.js");
    const folders = folder === undefined ? adapterFolders(terminal) : [resolve(cwd, folder)];
    const lists: FoundAdapters[] = [];
    for (const it of folders) lists.push(await listOf(listAdapters, it, folder === undefined));
    const list = {
      adapters: lists.flatMap((it) => it.adapters),
      broken: lists.flatMap((it) => it.broken),
    };
    if (options.json) stdout.write(jsonText(stdout, list));
    else stdout.write(rows(stdout, list));
    if (!options.json) stderr.write(`Looked in ${folders.join(", ")}.\n`);
    return 0;
  },
});

/** Of the usual folders, one that is not there holds nothing. */
async function listOf(
  list: (path: string) => Promise<FoundAdapters>,
  folder: string,
  mayBeMissing: boolean,
): Promise<FoundAdapters> {
  try {
    return await list(folder);
  } catch (error) {
    const isMissing = error instanceof TillerError && error.code === "adapter-not-found";
    if (mayBeMissing && isMissing) return { adapters: [], broken: [] };
    throw error;
  }
}

function rows(output: Output, { adapters, broken }: FoundAdapters): string {
  const found = adapters.map(
    (it) => `${plain(output, it.name)}\n  ${plain(output, it.path)}\n  ${plain(output, summary(it))}\n`,
  );
  const bad = broken.map((it) => `${plain(output, it.name)}\n  cannot be used: ${plain(output, it.problem)}\n`);
  return [...found, ...bad].join("");
}

/** `lora of rank 8 on q_proj, v_proj; 1.8 MB; for SmolLM2` */
function summary({ form, rank, modules, virtualTokens, sizeBytes, baseModel }: AdapterFacts): string {
  const size = rank === undefined ? "" : ` of ${form === "bottleneck" ? "width" : "rank"} ${rank}`;
  const where = modules.length === 0 ? "" : ` on ${modules.join(", ")}`;
  const tokens = virtualTokens === undefined ? "" : ` of ${virtualTokens} positions`;
  const base = baseModel === undefined ? "" : `; for ${baseModel}`;
  return `${form}${size}${tokens}${where}; ${sizeText(sizeBytes)}${base}`;
}
