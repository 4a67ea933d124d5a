/** `tiller models experts`: which experts of a model work on which token, and how evenly. */

import { TillerError } from "../../base/error.js";
import type { RouteResult } from "../../protocol/engine.js";
import { defineCommand } from "../command.js";
import { expertBalance, type ExpertBalance } from "../expertBalance.js";
import { jsonOption, jsonText, quietOption } from "../jsonOutput.js";
import { modelOptions, modelSpec, wholeNumber } from "../modelOptions.js";
import { createProgress } from "../progress.js";
import { promptOf, promptOptions } from "../promptOptions.js";
import { shownToken } from "../shownToken.js";
import { plain, type Output } from "../terminal.js";
import { withEngine } from "../withEngine.js";

export const modelsExperts = defineCommand({
  name: "models experts",
  summary: "Show which experts of a mixture work on each token of a text.",
  operands: "[TEXT]",
  options: {
    ...promptOptions,
    layer: { type: "string", value: "N", help: "The layer whose choices are shown token by token. Default: 0." },
    ...modelOptions,
    ...jsonOption,
    ...quietOption,
  },
  details: `
For each token of the text: the experts that one layer chose, and what part of the token each has. Below it, how
evenly each layer shares the text: 1 means that all experts do equally much, 0 that one does everything.
With --json: {ids, tokens, experts, places, balance}, for every layer, with the router's scores.

Example:
  tiller models experts "The quick brown fox" --model OLMoE-1B-7B.Q4_K_M.gguf --layer 8`,
  async run(terminal, options, operands) {
    const { stdout, stderr, signal } = terminal;
    const prompt = await promptOf(terminal, "models experts", options, operands);
    const layer = wholeNumber("--layer", options.layer, 0) ?? 0;
    const model = modelSpec(terminal, options);
    const progress = createProgress(stderr, { model: model.path, sharesScreen: false, quiet: options.quiet });
    const result = await withEngine(progress, (engine) => engine.route({ model, prompt }, progress.onEvent, signal));
    const balance = result.places.map(expertBalance);
    if (balance.length <= layer) {
      throw new TillerError(
        "usage",
        `--layer is a whole number, 0 to ${balance.length - 1} with this model, not ${layer}.`,
      );
    }
    if (options.json) stdout.write(jsonText(stdout, { ...result, balance }));
    else stdout.write(`${tokenTable(stdout, result, layer)}\n${balanceTable(balance)}`);
    return 0;
  },
});

function tokenTable(output: Output, { tokens, places }: RouteResult, layer: number): string {
  const shown = tokens.map((it) => plain(output, shownToken(it)));
  const width = Math.min(24, Math.max(5, ...shown.map((it) => it.length)));
  const row = (name: string, chosen: string) => `${name.padEnd(width)}  ${chosen}\n`;
  const chosenOf = (weights: readonly number[]) =>
    weights
      .map((weight, expert) => ({ weight, expert }))
      .filter((it) => 0 < it.weight)
      .sort((a, b) => b.weight - a.weight)
      .map(({ weight, expert }) => `${String(expert).padStart(4)} ${percent(weight)}`)
      .join("");
  const rows = shown.map((name, token) => row(name, chosenOf(places[layer]!.weights[token]!)));
  return [row("token", `experts of layer ${layer}, and their parts in percent`), ...rows].join("");
}

function balanceTable(all: readonly ExpertBalance[]): string {
  const rows = all.map(({ layer, shares, used, evenness }) => {
    const most = shares.indexOf(Math.max(...shares));
    const cells = [String(layer), `${used} of ${shares.length}`, `${most} (${percent(shares[most]!).trim()} %)`];
    return [...cells, evenness.toFixed(2)];
  });
  const head = ["layer", "experts at work", "busiest", "evenness"];
  const widths = head.map((it, i) => Math.max(it.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows].map((row) => `${row.map((it, i) => it.padStart(widths[i]!)).join("  ")}\n`).join("");
}

function percent(part: number): string {
  return (100 * part).toFixed(1).padStart(5);
}
