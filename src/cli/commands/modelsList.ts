/** `tiller models list`: the models on this machine. */

import { TillerError } from "../../base/error.js";
import type { ModelFacts } from "../../protocol/engine.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { listModels, modelFolders, type ModelFile } from "../modelFiles.js";
import { sizeText } from "../../base/sizeText.js";
import { plain, type Output } from "../terminal.js";

interface ListedModel extends ModelFile {
  readonly facts?: ModelFacts;
  /** Why the file cannot be read as a model. */
  readonly error?: string;
}

export const modelsList = defineCommand({
  name: "models list",
  summary: "List the models on this machine.",
  operands: "",
  options: jsonOption,
  details: `
Models are the one that comes with Tiller and the *.gguf files in the folders of TILLER_MODELS and in ~/.tiller/models.
Any of the names can be given to --model.`,
  async run(terminal, options, operands) {
    if (0 < operands.length) throw new TillerError("usage", `tiller models list takes no "${operands[0]}".`);
    const { stdout, stderr } = terminal;
    const { readFacts } = await import("../modelFacts.js");
    const models: ListedModel[] = [];
    for (const file of listModels(terminal)) models.push({ ...file, ...(await described(file, readFacts)) });
    stdout.write(options.json ? jsonText(stdout, models) : models.map((it) => row(stdout, it)).join(""));
    if (!options.json) stderr.write(`Looked in ${modelFolders(terminal).join(", ")}.\n`);
    return 0;
  },
});

async function described(
  { path }: ModelFile,
  readFacts: (path: string) => Promise<ModelFacts>,
): Promise<Pick<ListedModel, "facts" | "error">> {
  try {
    return { facts: await readFacts(path) };
  } catch (error) {
    if (error instanceof TillerError) return { error: error.message };
    throw error;
  }
}

function row(output: Output, { name, path, embedded, facts, error }: ListedModel): string {
  const lines = [`${plain(output, name)}${embedded ? " (embedded, the default)" : ""}`, `  ${plain(output, path)}`];
  if (facts !== undefined) {
    const { architecture, parameterCount, sizeBytes, contextLength, unsupported } = facts;
    const parameters = `${Math.round(parameterCount / 1e6)} M parameters`;
    lines.push(plain(output, `  ${architecture}, ${parameters}, ${sizeText(sizeBytes)}, context ${contextLength}`));
    if (unsupported !== undefined) lines.push(plain(output, `  cannot be run: ${unsupported}`));
  }
  if (error !== undefined) lines.push(plain(output, `  cannot be read: ${error}`));
  return `${lines.join("\n")}\n`;
}
