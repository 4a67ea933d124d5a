/** `tiller adapters convert`: a LoRA adapter from PEFT to llama.cpp, or back. */

import { basename } from "node:path";

import { TillerError } from "../../base/error.js";
import { resolveAdapter } from "../adapterOptions.js";
import { defineCommand, oneOperand } from "../command.js";
import { resolveModel } from "../modelFiles.js";
import { outPath } from "../outPath.js";
import { writeOptions } from "./adaptersMerge.js";

export const adaptersConvert = defineCommand({
  name: "adapters convert",
  summary: "Write a LoRA adapter as a PEFT folder or as a GGUF file.",
  operands: "ADAPTER",
  options: writeOptions,
  details: `
The model says how heads are laid out: llama.cpp keeps the rows of some layers in another order than PEFT.

Examples:
  tiller adapters convert adapters/pirate --out pirate.lora.gguf
  tiller adapters convert pirate.lora.gguf --out adapters/pirate`,
  async run(terminal, options, operands) {
    const path = resolveAdapter(
      terminal,
      oneOperand("adapters convert", "an adapter (a folder, a file or a name)", operands),
    );
    const out = outPath(terminal.cwd, "adapters convert", options);
    const { withAdapterFiles } = await import("../adapterFiles.js");
    const { writeAdapter } = await import("../../engine/adapters/writeAdapter.js");
    await withAdapterFiles(resolveModel(terminal, options.model), async ({ model, load }) => {
      const { facts, lowRank } = await load(path);
      if (facts.form !== "lora")
        throw new TillerError("adapter-unsupported", `${path} is ${facts.form}, and llama.cpp's files hold LoRA only.`);
      writeAdapter(out, { name: basename(out), baseModel: facts.baseModel, lowRank }, model);
    });
    terminal.stderr.write(`Wrote ${out}.\n`);
    return 0;
  },
});
