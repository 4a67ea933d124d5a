/** `tiller models recommend`: which models would suit this machine. Fetches nothing. */

import { totalmem } from "node:os";

import { TillerError } from "../../base/error.js";
import { recommendedModels, type RecommendedModel } from "../../base/recommendedModels.js";
import { sizeText } from "../../base/sizeText.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText } from "../jsonOutput.js";

export const modelsRecommend = defineCommand({
  name: "models recommend",
  summary: "Name models that suit this machine's memory; fetches nothing.",
  operands: "",
  options: jsonOption,
  run({ stdout, stderr }, options, operands) {
    if (0 < operands.length) throw new TillerError("usage", `tiller models recommend takes no "${operands[0]}".`);
    const total = totalmem();
    const models = recommendedModels(total);
    if (options.json) stdout.write(jsonText(stdout, models));
    else if (models.length === 0)
      stderr.write(`With ${sizeText(total)} of memory the model that comes with Tiller is the one to use.\n`);
    else {
      stdout.write(models.map(row).join("\n"));
      stderr.write(`For ${sizeText(total)} of memory, the strongest first. Nothing was fetched.\n`);
    }
    return Promise.resolve(0);
  },
});

function row({ name, source, sizeBytes, memoryBytes, purpose, licence }: RecommendedModel): string {
  return `${name}: ${purpose}
  a file of ${sizeText(sizeBytes)}, takes about ${sizeText(memoryBytes)} of memory, licence ${licence}
  tiller models pull ${source}
`;
}
