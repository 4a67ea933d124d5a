/** `tiller fmt`: puts prompts into one form. */

import { readFileSync, writeFileSync } from "node:fs";

import { TillerError } from "../../base/error.js";
import { applyEdits } from "../../lang/editor/edit.js";
import { formatEdits } from "../../lang/format/formatPrompt.js";
import { parse } from "../../lang/parser.js";
import { defineCommand } from "../command.js";
import { textOf } from "../givenText.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { findPrompts } from "../promptPaths.js";
import { plain } from "../terminal.js";

export const fmt = defineCommand({
  name: "fmt",
  summary: "Put prompts into one form: the YAML, and white space inside of tags. What is sent never changes.",
  operands: "PATH...",
  options: {
    check: { type: "boolean", help: "Change nothing; exit code 1 when a file is not in form." },
    ...jsonOption,
  },
  details: `
A folder stands for all .prompt files in it. With - standard input is formatted onto standard output.`,
  async run(terminal, options, operands) {
    const { stdout, stderr, cwd } = terminal;
    if (operands.length === 0)
      throw new TillerError("usage", "tiller fmt needs files or folders. See tiller fmt --help.");
    if (operands.length === 1 && operands[0] === "-") {
      stdout.write(formatted(await textOf(terminal, "-")));
      return 0;
    }
    const changed: string[] = [];
    const paths = findPrompts(cwd, operands);
    if (paths.length === 0)
      throw new TillerError("file-not-found", `There is no .prompt file in ${operands.join(", ")}.`);
    const { readText } = await import("../../runner/textFile.js");
    for (const { path, name } of paths) {
      const text = readText(path, (it) => readFileSync(it));
      const result = formatted(text);
      if (result === text) continue;
      changed.push(name);
      if (!options.check) writeFileSync(path, result);
    }
    if (options.json) stdout.write(jsonText(stdout, { files: paths.length, changed }));
    else for (const it of changed) stdout.write(`${plain(stdout, it)}\n`);
    const said = options.check ? "not in form" : "formatted";
    if (!options.json) stderr.write(`${changed.length} of ${paths.length} files ${said}\n`);
    return options.check && 0 < changed.length ? 1 : 0;
  },
});

function formatted(text: string): string {
  return applyEdits(text, formatEdits(parse(text).file));
}
