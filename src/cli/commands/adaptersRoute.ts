/** `tiller adapters route`: which experts work on which token. */

import { TillerError } from "../../base/error.js";
import type { RouteResult } from "../../protocol/engine.js";
import { adaptationOf, adapterOptions, expertOptions } from "../adapterOptions.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText, quietOption } from "../jsonOutput.js";
import { modelOptions, modelSpec } from "../modelOptions.js";
import { createProgress } from "../progress.js";
import { promptOf, promptOptions } from "../promptOptions.js";
import { shownToken } from "../shownToken.js";
import { plain, type Output } from "../terminal.js";
import { withEngine } from "../withEngine.js";

export const adaptersRoute = defineCommand({
  name: "adapters route",
  summary: "Show which LoRA experts work on each token of a text.",
  operands: "[TEXT]",
  options: {
    ...promptOptions,
    ...expertOptions,
    ...adapterOptions,
    ...modelOptions,
    ...jsonOption,
    ...quietOption,
  },
  details: `
The table has each expert's part of a token in percent, in the mean of all places that the experts change. With --json:
{ids, tokens, experts, places}, where each place of the model has its own weights and scores.

Example:
  tiller adapters route --experts examples/adapters "Fix the overflow in the parser."`,
  async run(terminal, options, operands) {
    const { stdout, stderr, signal } = terminal;
    const prompt = await promptOf(terminal, "adapters route", options, operands);
    if (options.experts === undefined) throw new TillerError("usage", "tiller adapters route needs --experts FOLDER.");
    const model = modelSpec(terminal, options);
    const request = { model, prompt, ...adaptationOf(terminal, options) };
    const progress = createProgress(stderr, { model: model.path, sharesScreen: false, quiet: options.quiet });
    const result = await withEngine(progress, (engine) => engine.route(request, progress.onEvent, signal));
    stdout.write(options.json ? jsonText(stdout, result) : table(stdout, result));
    return 0;
  },
});

function table(output: Output, { tokens, experts, places }: RouteResult): string {
  const shown = tokens.map((it) => plain(output, shownToken(it)));
  const width = Math.min(24, Math.max(5, ...shown.map((it) => it.length)));
  const row = (name: string, cells: readonly string[]) =>
    `${name.padEnd(width)}${cells.map((it, i) => `  ${it.padStart(Math.max(6, experts[i]!.length))}`).join("")}\n`;
  const mean = (token: number, expert: number) =>
    places.reduce((sum, it) => sum + it.weights[token]![expert]!, 0) / Math.max(1, places.length);
  const body = shown.map((name, token) =>
    row(
      name,
      experts.map((_, expert) => `${(100 * mean(token, expert)).toFixed(1)}`),
    ),
  );
  return [row("token", experts), ...body].join("");
}
