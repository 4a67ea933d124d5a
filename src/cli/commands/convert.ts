/** `tiller convert`: a Hugging Face folder as a GGUF file. */

import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";

import { TillerError } from "../../base/error.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText, quietOption } from "../jsonOutput.js";
import { createProgress } from "../progress.js";
import { sizeText } from "../../base/sizeText.js";

export const convert = defineCommand({
  name: "convert",
  summary: "Write a Hugging Face model folder (safetensors) as a GGUF file.",
  operands: "FOLDER OUT.gguf",
  options: { force: { type: "boolean", help: "Replace what is there." }, ...jsonOption, ...quietOption },
  details: `
FOLDER holds config.json, tokenizer.json, and model.safetensors or its parts with model.safetensors.index.json. Models of the
types llama, mistral, qwen2 and qwen3 with a byte-level BPE tokenizer can be converted. Weights keep their type.

Example:
  tiller convert SmolLM2-135M-Instruct smollm2-bf16.gguf && tiller quantize smollm2-bf16.gguf smollm2-q8.gguf --type q8_0`,
  async run(terminal, options, operands) {
    const { cwd, stderr, stdout, signal } = terminal;
    const [given, to, tooMuch] = operands;
    if (given === undefined || to === undefined)
      throw new TillerError("usage", "tiller convert needs a folder and a file to write. See tiller convert --help.");
    if (tooMuch !== undefined)
      throw new TillerError("usage", `tiller convert takes two operands; "${tooMuch}" is too much.`);
    const folder = resolve(cwd, given);
    const out = resolve(cwd, to);
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new TillerError("model-not-found", `There is no folder ${folder}.`);
    if (existsSync(out) && !options.force)
      throw new TillerError("usage", `${out} is there already. Choose another name, or replace it with --force.`);
    const progress = createProgress(stderr, { model: folder, sharesScreen: false, quiet: options.quiet });
    const { convertFolder } = await import("../../engine/convert/convertFolder.js");
    try {
      const onProgress = (done: number, total: number) =>
        progress.status(`writing ${basename(out)}, ${Math.round((100 * done) / total)} %`);
      const result = await convertFolder(folder, out, { signal, onProgress });
      if (options.json) stdout.write(jsonText(stdout, { path: out, ...result }));
      else
        progress.note(
          `Wrote ${out}: ${result.architecture}, ${result.tensorCount} tensors, ${sizeText(result.sizeBytes)}.`,
        );
      return 0;
    } finally {
      progress.clear();
    }
  },
});
