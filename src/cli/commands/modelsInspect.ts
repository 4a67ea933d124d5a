/** `tiller models inspect`: what the head of a model file says. */

import type { ModelFacts } from "../../protocol/engine.js";
import { defineCommand, oneOperand } from "../command.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { resolveModel } from "../modelFiles.js";
import { memoryText } from "../../base/memoryText.js";
import { sizeText } from "../../base/sizeText.js";
import { plain } from "../terminal.js";

export const modelsInspect = defineCommand({
  name: "models inspect",
  summary: "Show what a model file holds, and whether Tiller can run it.",
  operands: "MODEL",
  options: jsonOption,
  async run(terminal, options, operands) {
    const { stdout } = terminal;
    const path = resolveModel(terminal, oneOperand("models inspect", "a model (a file or a name)", operands));
    const { readFacts } = await import("../modelFacts.js");
    const { describeModel } = await import("../../engine/describeModel.js");
    const { freeMemory } = await import("../../engine/memoryEstimate.js");
    const facts = await readFacts(path);
    const { memory } = await describeModel({ name: facts.name, path }, {});
    stdout.write(
      options.json
        ? jsonText(stdout, { ...facts, ...(memory && { memory }) })
        : plain(stdout, text(facts, memory && memoryText(memory, freeMemory()))),
    );
    return 0;
  },
});

function visionText({ projector, tileSize, tileTokens }: NonNullable<ModelFacts["vision"]>): string {
  return `reads pictures in tiles of ${tileSize} x ${tileSize} pixels, ${tileTokens} tokens each, by ${projector}`;
}

function text(facts: ModelFacts, memory: string | undefined): string {
  const tensors = Object.entries(facts.tensorTypes).sort(([, a], [, b]) => b - a);
  const rows: readonly (readonly [string, string])[] = [
    ["name", facts.name],
    ["file", facts.path],
    ["size", sizeText(facts.sizeBytes)],
    ["architecture", facts.architecture],
    ["parameters", facts.parameterCount.toLocaleString("en-US")],
    ["layers", String(facts.layers)],
    ["hidden size", String(facts.hiddenSize)],
    ["feed-forward size", String(facts.feedForwardSize)],
    ["heads", `${facts.heads} of ${facts.headSize}, ${facts.kvHeads} for keys and values`],
    ...(facts.experts === undefined
      ? []
      : [["experts", `${facts.experts.count} in a layer, ${facts.experts.used} for each token`] as const]),
    ...(facts.vision === undefined ? [] : [["vision", visionText(facts.vision)] as const]),
    ["vocabulary", `${facts.vocabularySize.toLocaleString("en-US")} tokens`],
    ["context", `${facts.contextLength.toLocaleString("en-US")} tokens`],
    ["tensors", tensors.map(([type, count]) => `${count} ${type}`).join(", ")],
    ["tokenizer", facts.tokenizer],
    ["chat template", facts.hasChatTemplate ? "yes" : "no"],
    ...(memory === undefined ? [] : [["memory", memory] as const]),
    ["can be run", facts.unsupported === undefined ? "yes" : `no: ${facts.unsupported}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(18)}${value}\n`).join("");
}
