/** `tiller quantize`: a model with smaller weights, and what that costs. */

import { existsSync, realpathSync } from "node:fs";
import { basename, resolve } from "node:path";

import { TillerError } from "../../base/error.js";
import { isWritableType, writableTypes, type WritableType } from "../../engine/quantize/writableTypes.js";
import { defineCommand } from "../command.js";
import { didYouMean } from "../didYouMean.js";
import { jsonOption, jsonText, quietOption } from "../jsonOutput.js";
import { resolveModel } from "../modelFiles.js";
import { modelOptions, wholeNumber } from "../modelOptions.js";
import { createProgress } from "../progress.js";
import { sizeText } from "../../base/sizeText.js";

const typeList = writableTypes.map((it) => it.toLowerCase()).join(", ");

export const quantize = defineCommand({
  name: "quantize",
  summary: "Write a model with smaller weights, and report what that costs in quality and gains in speed.",
  operands: "IN OUT.gguf",
  options: {
    type: { type: "string", short: "t", value: "TYPE", help: `The type of the matrices: ${typeList}.` },
    tensor: {
      type: "string",
      multiple: true,
      value: "PATTERN=TYPE",
      help: "Another type for some tensors, such as 'blk.*.ffn_down.weight=q6_k'; the last that fits counts. Repeatable.",
    },
    calibrate: {
      type: "string",
      value: "FILE",
      help: "A text like those you will use: columns that matter for it are kept better. The report uses it too.",
    },
    report: {
      type: "string",
      value: "FILE",
      help: "Compare with the source, as FILE.md or FILE.json, with a plot beside it.",
    },
    with: { type: "string", multiple: true, value: "MODEL", help: "Another file for the report. Repeatable." },
    force: { type: "boolean", help: "Replace what is there." },
    threads: modelOptions.threads,
    ...jsonOption,
    ...quietOption,
  },
  details: `
IN is a GGUF file, or a name from tiller models list. Vectors, norms, biases and routers stay as they are. The embedding and the
head get at least 8 bits (q8_0) unless --tensor says otherwise: below that they cost more quality than all other matrices.
Rows that are no multiple of 256 values cannot be K formats; they become the nearest format with blocks of 32.

Examples:
  tiller quantize model-f16.gguf model-q4_k.gguf --type q4_k --report model-q4_k.md
  tiller quantize model-f16.gguf small.gguf --type q4_0 --tensor 'blk.*.attn_v.weight=q8_0' --calibrate letters.txt`,
  async run(terminal, options, operands) {
    const { cwd, stderr, stdout, signal } = terminal;
    const [given, to, tooMuch] = operands;
    if (given === undefined || to === undefined)
      throw new TillerError("usage", "tiller quantize needs a model and a file to write. See tiller quantize --help.");
    if (tooMuch !== undefined)
      throw new TillerError("usage", `tiller quantize takes two operands; "${tooMuch}" is too much.`);
    if (options.type === undefined)
      throw new TillerError("usage", `tiller quantize needs --type. It can be: ${typeList}.`);
    const source = resolveModel(terminal, given);
    const out = resolve(cwd, to);
    if (existsSync(out) && existsSync(source) && realpathSync(out) === realpathSync(source))
      throw new TillerError("usage", `${out} is the model itself; choose another name for what is made of it.`);
    if (existsSync(out) && !options.force)
      throw new TillerError("usage", `${out} is there already. Choose another name, or replace it with --force.`);
    const report = options.report === undefined ? undefined : resolve(cwd, options.report);
    if (report !== undefined && !/\.(md|json)$/.test(report))
      throw new TillerError("usage", `--report is a file that ends in .md or .json, not "${options.report}".`);
    if (0 < options.with.length && report === undefined)
      throw new TillerError("usage", "--with names files for the report: it needs --report FILE.");
    const job = {
      source,
      out,
      type: typeOf("--type", options.type),
      overrides: options.tensor.map(overrideOf),
      calibrate: options.calibrate === undefined ? undefined : resolve(cwd, options.calibrate),
      report,
      compared: options.with.map((it) => resolveModel(terminal, it)),
      threads: wholeNumber("--threads", options.threads, 1, 256),
    };
    const progress = createProgress(stderr, { model: source, sharesScreen: false, quiet: options.quiet });
    const { quantizeFile } = await import("../quantizeModel.js");
    try {
      const result = await quantizeFile(job, { signal, onProgress: progress.status, onNote: progress.note });
      if (options.json) {
        stdout.write(jsonText(stdout, result));
        return 0;
      }
      const sizes = `${sizeText(result.sizeBytes)} instead of ${sizeText(result.sourceBytes)}`;
      progress.note(`Wrote ${out}: ${sizes}.`);
      if (report !== undefined) progress.note(`The report is in ${basename(report)}.`);
      return 0;
    } finally {
      progress.clear();
    }
  },
});

function typeOf(option: string, given: string): WritableType {
  const name = given.toUpperCase();
  if (isWritableType(name)) return name;
  const hint = didYouMean(
    given.toLowerCase(),
    writableTypes.map((it) => it.toLowerCase()),
  );
  throw new TillerError("usage", `${option} knows no "${given}".${hint} It can be: ${typeList}.`);
}

function overrideOf(given: string): { readonly pattern: string; readonly type: WritableType } {
  const at = given.lastIndexOf("=");
  if (at <= 0) throw new TillerError("usage", `--tensor is PATTERN=TYPE, as in output.weight=q6_k, not "${given}".`);
  return { pattern: given.slice(0, at), type: typeOf("--tensor", given.slice(at + 1)) };
}
