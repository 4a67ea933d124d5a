/** `tiller tokenize`: the tokens of a text or a conversation. */

import { count } from "../../base/count.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText, quietOption } from "../jsonOutput.js";
import { modelOptions, modelSpec } from "../modelOptions.js";
import { createProgress } from "../progress.js";
import { promptOf, promptOptions } from "../promptOptions.js";
import { shownToken } from "../shownToken.js";
import { plain, styled } from "../terminal.js";
import { withEngine } from "../withEngine.js";

export const tokenize = defineCommand({
  name: "tokenize",
  summary: "Show the tokens of a text or a conversation.",
  operands: "[TEXT]",
  options: {
    ...promptOptions,
    "no-generation-prompt": {
      type: "boolean",
      help: "With --messages: do not end with the head of an assistant message.",
    },
    ...modelOptions,
    ...jsonOption,
    ...quietOption,
  },
  async run(terminal, options, operands) {
    const { stdout, stderr, signal } = terminal;
    const prompt = await promptOf(terminal, "tokenize", options, operands);
    const model = modelSpec(terminal, options);
    const progress = createProgress(stderr, { model: model.path, sharesScreen: false, quiet: options.quiet });
    const addGenerationPrompt = !options["no-generation-prompt"];
    const result = await withEngine(progress, (engine) =>
      engine.tokenize({ model, prompt, addGenerationPrompt }, progress.onEvent, signal),
    );
    if (options.json) {
      stdout.write(jsonText(stdout, result));
      return 0;
    }
    const special = new Set(result.special);
    for (const [i, id] of result.ids.entries()) {
      const token = plain(stdout, shownToken(result.tokens[i]!));
      stdout.write(`${String(id).padStart(8)}  ${special.has(i) ? styled(stdout, "cyan", token) : token}\n`);
    }
    progress.note(count(result.ids.length, "token"));
    return 0;
  },
});
