/** `tiller models list`: the models on this machine. */

import { TillerError } from "../../base/error.js";
import type { FoundModel } from "../../protocol/engine.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { listModels, modelFolders, type ModelFile } from "../modelFiles.js";
import { mainFormat, memoryText } from "../../base/memoryText.js";
import { sizeText } from "../../base/sizeText.js";
import { plain, type Output } from "../terminal.js";

interface ListedModel extends ModelFile, Pick<FoundModel, "facts" | "memory"> {
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
    const { describeModel } = await import("../../engine/describeModel.js");
    const { freeMemory } = await import("../../engine/memoryEstimate.js");
    const freeBytes = freeMemory();
    const models: ListedModel[] = [];
    for (const file of listModels(terminal)) {
      const { facts, memory, problem } = await describeModel(file, {});
      models.push({
        ...file,
        ...(facts && { facts }),
        ...(memory && { memory }),
        ...(problem !== undefined && { error: problem }),
      });
    }
    stdout.write(options.json ? jsonText(stdout, models) : models.map((it) => row(stdout, it, freeBytes)).join(""));
    if (!options.json) stderr.write(`Looked in ${modelFolders(terminal).join(", ")}.\n`);
    return 0;
  },
});

function row(output: Output, model: ListedModel, freeBytes: number): string {
  const { name, path, embedded, facts, memory, error } = model;
  const lines = [`${plain(output, name)}${embedded ? " (embedded, the default)" : ""}`, `  ${plain(output, path)}`];
  if (facts !== undefined) {
    const { architecture, parameterCount, sizeBytes, contextLength, unsupported } = facts;
    const parameters = `${Math.round(parameterCount / 1e6)} M parameters`;
    const format = mainFormat(facts);
    lines.push(
      plain(output, `  ${architecture}, ${parameters}, ${format}, ${sizeText(sizeBytes)}, context ${contextLength}`),
    );
    if (memory !== undefined) lines.push(`  ${memoryText(memory, freeBytes)}`);
    if (unsupported !== undefined) lines.push(plain(output, `  cannot be run: ${unsupported}`));
  }
  if (error !== undefined) lines.push(plain(output, `  cannot be read: ${error}`));
  return `${lines.join("\n")}\n`;
}
