/** Reads the options of a command, strictly: what is not known or not complete is refused with a hint. */

import { parseArgs } from "node:util";

import { TillerError } from "../base/error.js";
import type { OptionSpecs } from "./optionSpec.js";
import { didYouMean } from "./didYouMean.js";

export interface ParsedOptions {
  /** Boolean options are there always, repeatable ones too, the others when they were given. */
  readonly values: Readonly<Record<string, boolean | string | readonly string[] | undefined>>;
  readonly operands: readonly string[];
}

export function parseOptions(command: string, specs: OptionSpecs, args: readonly string[]): ParsedOptions {
  // Not `strict`: the messages of node's own parser know no hints.
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short }]) => [name, { type, ...(short !== undefined && { short }) }]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const values: Record<string, boolean | string | string[]> = {};
  const operands: string[] = [];
  for (const [name, { type, multiple }] of Object.entries(specs)) {
    if (type === "boolean") values[name] = false;
    else if (multiple === true) values[name] = [];
  }
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      operands.push(token.value);
      continue;
    }
    const { name, rawName, value } = token;
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined) throw unknownOption(command, rawName, specs);
    const list = values[name];
    if (spec.type === "boolean") {
      if (value !== undefined) throw new TillerError("usage", `${rawName} takes no value, but "${value}" was given.`);
      values[name] = true;
    } else if (value === undefined || (!token.inlineValue && value.startsWith("--"))) {
      const found =
        value === undefined ? "the command ends there" : `${value} follows; write ${rawName}=${value} if you mean that`;
      throw new TillerError("usage", `${rawName} needs a value (${spec.value ?? "TEXT"}), but ${found}.`);
    } else if (Array.isArray(list)) list.push(value);
    else values[name] = value;
  }
  return { values, operands };
}

function unknownOption(command: string, rawName: string, specs: OptionSpecs): TillerError {
  const hint = didYouMean(
    rawName,
    Object.keys(specs).map((it) => `--${it}`),
  );
  return new TillerError("usage", `tiller ${command} has no option ${rawName}.${hint} See tiller ${command} --help.`);
}
