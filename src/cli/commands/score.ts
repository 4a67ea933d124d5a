/** `tiller score`: how likely the model finds a text, token by token. */

import { adaptationOf, adapterOptions, expertOptions } from "../adapterOptions.js";
import { attentionOf, attentionOptions } from "../attentionOptions.js";
import { defineCommand } from "../command.js";
import { jsonOption, jsonText, quietOption } from "../jsonOutput.js";
import { modelOptions, modelSpec, wholeNumber } from "../modelOptions.js";
import { createProgress } from "../progress.js";
import { promptOf, promptOptions } from "../promptOptions.js";
import { shownToken } from "../shownToken.js";
import { plain, type Output } from "../terminal.js";
import { withEngine } from "../withEngine.js";
import type { ScoreResult } from "../../protocol/engine.js";

/** Alternatives shown to people; with --json all that were asked for. */
const SHOWN = 3;

export const score = defineCommand({
  name: "score",
  summary: "Show how likely the model finds a text, token by token, and its perplexity.",
  operands: "[TEXT]",
  options: {
    ...promptOptions,
    top: { type: "string", value: "N", help: "Likeliest alternatives at each place, 0 to 256. Default: 5." },
    ...adapterOptions,
    ...expertOptions,
    ...attentionOptions,
    ...modelOptions,
    ...jsonOption,
    ...quietOption,
  },
  details: `
With --json: {ids, tokens, logprobs, top, perplexity}. logprobs[i] is log p(ids[i] | ids before it), null for the first;
top[i] are the likeliest tokens after ids[0..i]. Logarithms are natural.`,
  async run(terminal, options, operands) {
    const { stdout, stderr, signal } = terminal;
    const prompt = await promptOf(terminal, "score", options, operands);
    const top = wholeNumber("--top", options.top, 0, 256);
    const model = modelSpec(terminal, options);
    const reading = { ...adaptationOf(terminal, options), ...attentionOf(options) };
    const progress = createProgress(stderr, { model: model.path, sharesScreen: false, quiet: options.quiet });
    const result = await withEngine(progress, (engine) =>
      engine.score({ model, prompt, ...reading, ...(top !== undefined && { top }) }, progress.onEvent, signal),
    );
    stdout.write(options.json ? jsonText(stdout, result) : table(stdout, result));
    return 0;
  },
});

/** The alternatives in a row are those that compete with its token: `top` of the position before. */
function table(output: Output, { tokens, logprobs, top, perplexity }: ScoreResult): string {
  const shown = tokens.map((it) => plain(output, shownToken(it)));
  const width = Math.min(24, Math.max(5, ...shown.map((it) => it.length)));
  const rows = shown.map((token, i) => {
    const logprob = logprobs[i];
    const probability = logprob === null || logprob === undefined ? "" : percent(logprob);
    const likelier = (top[i - 1] ?? []).slice(0, SHOWN);
    const alternatives = likelier
      .map((it) => `${plain(output, shownToken(it.token))} ${percent(it.logprob)}`)
      .join("  ");
    return row(token, width, logprob?.toFixed(3) ?? "", probability, alternatives);
  });
  const head = row("token", width, "logprob", "chance", "likeliest here");
  const end = perplexity === null ? "" : `\nperplexity ${perplexity.toFixed(3)}\n`;
  return `${[head, ...rows].join("\n")}\n${end}`;
}

function row(token: string, width: number, logprob: string, chance: string, alternatives: string): string {
  return `${token.padEnd(width)}  ${logprob.padStart(8)}  ${chance.padStart(7)}  ${alternatives}`.trimEnd();
}

function percent(logprob: number): string {
  const value = 100 * Math.exp(logprob);
  return `${value < 0.1 ? value.toPrecision(1) : value.toFixed(1)} %`;
}
