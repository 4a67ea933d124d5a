/** Finds the command and runs it. The one guard around all commands is here. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { TillerError } from "../base/error.js";
import type { Command } from "./command.js";
import { adaptersConvert } from "./commands/adaptersConvert.js";
import { adaptersInspect } from "./commands/adaptersInspect.js";
import { adaptersList } from "./commands/adaptersList.js";
import { adaptersMerge } from "./commands/adaptersMerge.js";
import { adaptersRoute } from "./commands/adaptersRoute.js";
import { check } from "./commands/check.js";
import { compare } from "./commands/compare.js";
import { doctor } from "./commands/doctor.js";
import { fmt } from "./commands/fmt.js";
import { generate } from "./commands/generate.js";
import { lsp } from "./commands/lsp.js";
import { modelsExperts } from "./commands/modelsExperts.js";
import { modelsInspect } from "./commands/modelsInspect.js";
import { modelsList } from "./commands/modelsList.js";
import { modelsPull } from "./commands/modelsPull.js";
import { modelsRecommend } from "./commands/modelsRecommend.js";
import { quantize } from "./commands/quantize.js";
import { render } from "./commands/render.js";
import { run } from "./commands/run.js";
import { guideSweep } from "./commands/guideSweep.js";
import { steerInspect } from "./commands/steerInspect.js";
import { steerMake } from "./commands/steerMake.js";
import { score } from "./commands/score.js";
import { test } from "./commands/test.js";
import { votesRatings } from "./commands/votesRatings.js";
import { convert } from "./commands/convert.js";
import { constrain } from "./commands/constrain.js";
import { tokenize } from "./commands/tokenize.js";
import { didYouMean } from "./didYouMean.js";
import { overview } from "./help.js";
import { styled, type Terminal } from "./terminal.js";

const commands: readonly Command[] = [
  run,
  test,
  compare,
  votesRatings,
  render,
  check,
  fmt,
  generate,
  tokenize,
  score,
  constrain,
  modelsList,
  modelsInspect,
  modelsPull,
  modelsRecommend,
  modelsExperts,
  convert,
  quantize,
  adaptersList,
  adaptersInspect,
  adaptersMerge,
  adaptersConvert,
  adaptersRoute,
  guideSweep,
  steerMake,
  steerInspect,
  lsp,
  doctor,
];

/** Returns the exit code; never throws. */
export async function runCommandLine(terminal: Terminal, args: readonly string[]): Promise<number> {
  try {
    return await dispatch(terminal, args);
  } catch (error) {
    // What was asked for was stopped: by Ctrl+C, or because nobody reads the answer. Nothing is left to say.
    if (terminal.signal.aborted && error === terminal.signal.reason) return 1;
    return report(terminal, error, args.includes("--json"));
  }
}

async function dispatch(terminal: Terminal, args: readonly string[]): Promise<number> {
  const [first, second] = args;
  if (first === undefined || first === "--help" || first === "-h")
    return print(terminal, overview(commands, version(terminal)));
  if (first === "--version" || first === "-v") return print(terminal, `${version(terminal)}\n`);
  if (first === "help") {
    if (second === undefined) return print(terminal, overview(commands, version(terminal)));
    return dispatch(terminal, [...args.slice(1), "--help"]);
  }
  const found = commands.find(({ name }) => {
    const words = name.split(" ");
    return words.every((it, i) => args[i] === it);
  });
  if (found !== undefined) return found.run(terminal, args.slice(found.name.split(" ").length));
  return unknownCommand(terminal, first, second);
}

function unknownCommand(terminal: Terminal, first: string, second: string | undefined): number {
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (0 < group.length && (second === undefined || second === "--help" || second === "-h")) {
    const text = overview(group, version(terminal));
    if (second !== undefined) return print(terminal, text);
    terminal.stderr.write(text);
    return 2;
  }
  const names = commands.map(({ name }) => name);
  if (0 < group.length) {
    const hint = didYouMean(`${first} ${second}`, names);
    throw new TillerError("usage", `"tiller ${first} ${second}" is not a command.${hint} See tiller ${first} --help.`);
  }
  const isFile = first.endsWith(".prompt") && `Did you mean tiller run ${first}?`;
  const hint = isFile === false ? didYouMean(first, [...names, "models", "help"]) : ` ${isFile}`;
  throw new TillerError("usage", `"${first}" is not a command.${hint} See tiller --help.`);
}

function report({ stdout, stderr }: Terminal, error: unknown, json: boolean): number {
  const known = error instanceof TillerError;
  const detail = error instanceof Error ? error : new Error(String(error));
  const message = known ? detail.message : `Tiller made a mistake: ${detail.message}. Please report it.`;
  if (json) stdout.write(`${JSON.stringify({ error: { code: known ? error.code : "bug", message } })}\n`);
  stderr.write(`${styled(stderr, "red", "error:")} ${message}\n`);
  if (!known && detail.stack !== undefined) stderr.write(`${styled(stderr, "dim", detail.stack)}\n`);
  return known && error.code === "usage" ? 2 : 1;
}

function print({ stdout }: Terminal, text: string): number {
  stdout.write(text);
  return 0;
}

function version({ root }: Terminal): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return version;
}
