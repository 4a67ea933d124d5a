/** `tiller fmt`: `.prompt` files in the form that everybody else's has. */

import { count } from "../../base/count.js";
import { TillerError } from "../../base/error.js";
import { defineCommand } from "../command.js";
import type { FormattedFile } from "../formatFile.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { findPrompts, type PromptPath } from "../promptPaths.js";
import { openResultFile } from "../resultFile.js";
import { styled, type Terminal } from "../terminal.js";

/** What became of a file; `error` when it could not be read or written. */
interface Outcome {
  readonly path: string;
  readonly changed: boolean;
  readonly refused?: string;
  readonly error?: string;
}

export const fmt = defineCommand({
  name: "fmt",
  summary: "Format .prompt files in place; what is sent to a model stays as it is.",
  operands: "PATH...",
  options: {
    check: { type: "boolean", help: "Change nothing; list what would change, and exit with 1 if anything would." },
    ...jsonOption,
  },
  details: `
Folders are searched for *.prompt files; - reads standard input and writes standard output. Only white space inside of tags and the
front matter change. Broken templates, broken YAML and files of other tools are left alone.`,
  async run(terminal, { check, json }, operands) {
    if (operands.length === 0) {
      throw new TillerError("usage", "tiller fmt needs files or folders. See tiller fmt --help.");
    }
    if (operands.includes("-")) {
      if (1 < operands.length) throw new TillerError("usage", "tiller fmt takes - alone, without other paths.");
      return formatStdin(terminal, check, json);
    }
    const paths = findPrompts(terminal.cwd, operands);
    if (paths.length === 0) {
      throw new TillerError("file-not-found", `There is no .prompt file in ${operands.join(", ")}.`);
    }
    const { formatFile } = await import("../formatFile.js");
    const outcomes = paths.map((it) => formatOne(it, formatFile, check));
    report(terminal, outcomes, check, json);
    const failed = outcomes.some((it) => it.error !== undefined || (check && it.changed));
    return failed ? 1 : 0;
  },
});

/** A file that cannot be read or written is reported, so that one of many does not stop the rest. */
function formatOne({ path, name }: PromptPath, formatFile: (path: string) => FormattedFile, check: boolean): Outcome {
  try {
    const { text, ...outcome } = formatFile(path);
    if (outcome.changed && !check) openResultFile(path).commit(text);
    return { path: name, ...outcome };
  } catch (error) {
    if (!(error instanceof TillerError)) throw error;
    return { path: name, changed: false, error: error.message };
  }
}

async function formatStdin({ stdout, stderr, readStdin }: Terminal, check: boolean, json: boolean): Promise<number> {
  const { formatBytes } = await import("../formatFile.js");
  const { text, ...outcome } = formatBytes(await readStdin(), "standard input");
  if (json) stdout.write(jsonText(stdout, check ? outcome : { ...outcome, text }));
  else if (!check) stdout.write(text);
  if (outcome.refused !== undefined) stderr.write(`left alone: ${outcome.refused}\n`);
  return check && outcome.changed ? 1 : 0;
}

function report({ stdout, stderr }: Terminal, outcomes: readonly Outcome[], check: boolean, json: boolean): void {
  const changed = outcomes.filter((it) => it.changed);
  if (json) stdout.write(jsonText(stdout, { files: outcomes, changed: changed.length }));
  else {
    for (const { path } of changed) stdout.write(`${path}\n`);
    for (const { path, refused, error } of outcomes) {
      if (refused !== undefined) stderr.write(`${path}: left alone: ${refused}\n`);
      if (error !== undefined) stderr.write(`${styled(stderr, "red", "error:")} ${error}\n`);
    }
    const files = count(outcomes.length, "file");
    const done = check ? "to be formatted" : "formatted";
    const color = check && 0 < changed.length ? "red" : "green";
    stderr.write(`${styled(stderr, color, `${files}: ${changed.length} ${done}`)}\n`);
  }
}
