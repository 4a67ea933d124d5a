/** `tiller generate`: continues a text or answers a conversation, without a `.prompt` file. */

import { resolve } from "node:path";

import { adaptationOf, adapterOptions, expertOptions } from "../adapterOptions.js";
import { attentionOf, attentionOptions } from "../attentionOptions.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText, quietOption, streamOption } from "../jsonOutput.js";
import { attentionLine, lookupLine } from "../holeReport.js";
import { modelOptions, modelSpec, samplingOf, samplingOptions, wholeNumber } from "../modelOptions.js";
import { createProgress } from "../progress.js";
import { promptOf, promptOptions } from "../promptOptions.js";
import { openResultFile } from "../resultFile.js";
import { checkStream, outOption, unescaped } from "../runOptions.js";
import { plain } from "../terminal.js";
import { withEngine } from "../withEngine.js";

export const generate = defineCommand({
  name: "generate",
  summary: "Continue a text, or answer a conversation.",
  operands: "[TEXT]",
  options: {
    ...promptOptions,
    stop: {
      type: "string",
      multiple: true,
      value: "TEXT",
      help: "Stop before this text; \\n is a line break. Repeatable.",
    },
    choice: { type: "string", multiple: true, value: "TEXT", help: "Write exactly one of these texts. Repeatable." },
    top: { type: "string", value: "N", help: "With --json --stream: likeliest alternatives reported with each token." },
    ...samplingOptions,
    ...adapterOptions,
    ...expertOptions,
    ...attentionOptions,
    ...modelOptions,
    ...outOption,
    ...jsonOption,
    ...streamOption,
    ...quietOption,
  },
  details: `
Examples:
  tiller generate --messages '[{"role": "user", "content": "Name three colors."}]' --max-tokens 40
  tiller generate "The capital of France is" --stop . --set temperature=0.7 --seed 1`,
  async run(terminal, options, operands) {
    const { stdout, stderr, signal } = terminal;
    checkStream(options);
    const prompt = await promptOf(terminal, "generate", options, operands);
    const top = wholeNumber("--top", options.top, 0, 256);
    const model = modelSpec(terminal, options);
    const request = {
      model,
      prompt,
      ...adaptationOf(terminal, options),
      ...samplingOf(options),
      ...attentionOf(options),
      stop: options.stop.map(unescaped),
      ...(0 < options.choice.length && { constraint: { kind: "choice", options: options.choice } as const }),
      ...(top !== undefined && { top }),
    };
    const file = options.out === undefined ? undefined : openResultFile(resolve(terminal.cwd, options.out));
    const streams = file === undefined && !options.json;
    const sharesScreen = streams && stdout.isTerminal;
    const progress = createProgress(stderr, { model: model.path, sharesScreen, quiet: options.quiet });
    try {
      const result = await withEngine(progress, (engine) =>
        engine.generate(
          request,
          (event) => {
            progress.onEvent(event);
            if (streams && event.type === "text") stdout.write(plain(stdout, event.text));
            else if (options.stream) stdout.write(`${JSON.stringify(event)}\n`);
          },
          signal,
        ),
      );
      if (streams) stdout.write(result.text.endsWith("\n") ? "" : "\n");
      else if (options.stream) stdout.write(`${JSON.stringify({ type: "result", result })}\n`);
      else if (file === undefined) stdout.write(jsonText(stdout, result));
      else if (result.finish !== "cancelled") file.commit(options.json ? jsonText(stdout, result) : `${result.text}\n`);
      progress.summary([result.usage]);
      const { attention, promptTokens, completionTokens, lookup } = result.usage;
      if (attention !== undefined) progress.note(`It ${attentionLine(attention, promptTokens)}`);
      if (lookup !== undefined) progress.note(`It ${lookupLine(lookup, completionTokens)}`);
      if (result.finish === "length") progress.note("It was cut off: the limit of tokens was reached.");
      return result.finish === "cancelled" ? 1 : 0;
    } finally {
      file?.discard();
    }
  },
});
