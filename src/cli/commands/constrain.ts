/** `tiller constrain`: whether a constraint accepts a text, and if not, where and why not. */

import { messageOf, TillerError } from "../../base/error.js";
import type { Json } from "../../base/json.js";
import { compileMachine } from "../../constraint/constraint.js";
import { explain } from "../../constraint/explain.js";
import type { ConstraintSpec, Explanation } from "../../protocol/constraint.js";
import type { ConstrainResult } from "../../protocol/engine.js";
import { defineCommand } from "../command.js";
import { textOf } from "../givenText.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { resolveModel } from "../modelFiles.js";
import { createProgress } from "../progress.js";
import { shownToken } from "../shownToken.js";
import { plain, styled, type Output, type Terminal } from "../terminal.js";
import { withEngine } from "../withEngine.js";

export const constrain = defineCommand({
  name: "constrain",
  summary: "Say whether a constraint accepts a text, and where it does not.",
  operands: "[TEXT]",
  options: {
    schema: { type: "string", value: "FILE", help: "A JSON Schema (draft 2020-12 or 7)." },
    regex: { type: "string", value: "PATTERN", help: "A regular expression for the whole text." },
    gbnf: { type: "string", value: "FILE", help: "A grammar in llama.cpp's format." },
    text: { type: "string", value: "TEXT", help: "The text; - reads standard input. The same as the operand." },
    model: {
      type: "string",
      short: "m",
      value: "FILE",
      help: "Also walk the tokens of this model; `embedded` names the one that comes with Tiller.",
    },
    ...jsonOption,
  },
  details: `
Exactly one of --schema, --regex and --gbnf. Without a text, the constraint itself is checked, and a shortest text that it
accepts is shown. Exit code 0 when the text is accepted, 1 when it is not, or when the constraint cannot be enforced.`,
  async run(terminal, options, operands) {
    const { stdout } = terminal;
    const spec = await specOf(terminal, options);
    const [operand, ...others] = operands;
    if (0 < others.length || (operand !== undefined && options.text !== undefined))
      throw new TillerError("usage", "tiller constrain takes one text. Put quotes around it.");
    const machine = compileMachine(spec);
    const given = operand ?? options.text;
    const text = given === "-" ? await textOf(terminal, "-") : given;
    const walked =
      options.model === undefined ? undefined : await walkTokens(terminal, options.model, spec, text ?? "");
    const found = walked ?? explain(machine, text ?? "");
    if (options.json) stdout.write(jsonText(stdout, found));
    else {
      if (walked !== undefined) stdout.write(tokensText(stdout, walked));
      stdout.write(text === undefined ? constraintText(found) : explanationText(stdout, found, text));
    }
    return text === undefined || found.verdict === "accepted" ? 0 : 1;
  },
});

async function walkTokens(
  terminal: Terminal,
  model: string,
  constraint: ConstraintSpec,
  text: string,
): Promise<ConstrainResult> {
  const spec = { path: resolveModel(terminal, model) };
  const progress = createProgress(terminal.stderr, { model: spec.path, sharesScreen: false, quiet: false });
  return withEngine(progress, (engine) =>
    engine.constrain({ model: spec, constraint, text }, progress.onEvent, terminal.signal),
  );
}

function tokensText(output: Output, { tokens, compileMs, maskMs, memoryBytes }: ConstrainResult): string {
  const lines = tokens.map(({ token, allowed, fits }) => {
    const shown = plain(output, shownToken(token));
    return `${String(allowed).padStart(8)} allowed  ${fits ? shown : styled(output, "red", `${shown}  is not one of them`)}\n`;
  });
  const memory = `${(memoryBytes / 1e6).toFixed(1)} MB`;
  return `${lines.join("")}compiled in ${compileMs.toFixed(1)} ms, masks ${maskMs.toFixed(1)} ms, memory ${memory}\n`;
}

async function specOf(
  terminal: Terminal,
  { schema, regex, gbnf }: { schema: string | undefined; regex: string | undefined; gbnf: string | undefined },
): Promise<ConstraintSpec> {
  const given = [schema, regex, gbnf].filter((it) => it !== undefined);
  if (given.length !== 1)
    throw new TillerError("usage", "tiller constrain needs one of --schema FILE, --regex PATTERN and --gbnf FILE.");
  if (regex !== undefined) return { kind: "regex", source: regex };
  if (gbnf !== undefined) return { kind: "grammar", gbnf: await textOf(terminal, gbnf) };
  return { kind: "json", schema: parsed(await textOf(terminal, schema!), schema!) };
}

function parsed(text: string, path: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const reason = messageOf(error);
    throw new TillerError("input-invalid", `${path} is not JSON: ${reason}.`, { cause: error });
  }
}

function constraintText({ completion }: Explanation): string {
  return `The constraint can be enforced. A shortest text that it accepts:\n${completion}\n`;
}

function explanationText(output: Output, found: Explanation, text: string): string {
  const { verdict, position, expected, more, mayEnd, completion } = found;
  if (verdict === "accepted") return `${styled(output, "green", "accepted")}\n`;
  const before = text.slice(Math.max(0, position - 40), position);
  const wrong = text.slice(position, position + 20);
  const head =
    verdict === "incomplete"
      ? `${styled(output, "red", "not complete")}: something must follow after ${JSON.stringify(before)}`
      : `${styled(output, "red", "rejected")} at character ${position + 1}: after ${JSON.stringify(before)} there is ${JSON.stringify(wrong)}`;
  const ways = [...expected.map((it) => JSON.stringify(it)), ...(mayEnd ? ["the end"] : [])];
  const lines = [
    head,
    `allowed there: ${ways.length === 0 ? "characters beyond ASCII" : ways.join(" ")}${more ? " ..." : ""}`,
    `a shortest completion: ${JSON.stringify(completion)}`,
  ];
  return `${lines.join("\n")}\n`;
}
