/** `tiller check`: what is wrong with `.prompt` files, with the place of everything. */

import { count } from "../../base/count.js";
import { TillerError } from "../../base/error.js";
import { LineIndex } from "../../base/text.js";
import type { Diagnostic, Severity } from "../../lang/diagnostic.js";
import { defineCommand } from "../command.js";
import { diagnosticText } from "../excerpt.js";
import { jsonOption, jsonText } from "../jsonOutput.js";
import { findPrompts, type PromptPath } from "../promptPaths.js";
import { styled, type Output } from "../terminal.js";

interface CheckedFile extends PromptPath {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

export const check = defineCommand({
  name: "check",
  summary: "Say what is wrong with .prompt files; runs no model.",
  operands: "PATH...",
  options: jsonOption,
  details: `
Folders are searched for *.prompt files. Exit code 1 when there is an error; warnings alone are no failure.`,
  async run(terminal, options, operands) {
    const { stdout, stderr, cwd } = terminal;
    if (operands.length === 0) {
      throw new TillerError("usage", "tiller check needs files or folders. See tiller check --help.");
    }
    const paths = findPrompts(cwd, operands);
    if (paths.length === 0) {
      throw new TillerError("file-not-found", `There is no .prompt file in ${operands.join(", ")}.`);
    }
    const { checkFile } = await import("../checkFile.js");
    const files = paths.map((it): CheckedFile => ({ ...it, ...checkFile(it.path) }));
    const found = files.flatMap((it) => it.diagnostics);
    const number = (severity: Severity) => found.filter((it) => it.severity === severity).length;
    const [errors, warnings, hints] = [number("error"), number("warning"), number("information")];
    if (options.json) stdout.write(jsonText(stdout, { files: files.map(toJson), errors, warnings, hints }));
    else {
      files.forEach((it) => stdout.write(fileText(stdout, it)));
      const counted = [
        count(errors, "error"),
        count(warnings, "warning"),
        ...(0 < hints ? [count(hints, "hint")] : []),
      ];
      const text = `${count(files.length, "file")}: ${counted.join(", ")}`;
      stderr.write(`${styled(stderr, 0 < errors ? "red" : "green", text)}\n`);
    }
    return 0 < errors ? 1 : 0;
  },
});

function fileText(output: Output, file: CheckedFile): string {
  return file.diagnostics.map((it) => diagnosticText(output, file, it)).join("");
}

/** Lines and columns from 1, beside the offsets. */
function toJson({ name, text, diagnostics }: CheckedFile) {
  const lines = new LineIndex(text);
  const placed = diagnostics.map(({ span, notes = [], ...rest }) => {
    const { line, column } = lines.position(span.start);
    const end = lines.position(span.end);
    return {
      ...rest,
      line: line + 1,
      column: column + 1,
      endLine: end.line + 1,
      endColumn: end.column + 1,
      span,
      notes,
    };
  });
  return { path: name, diagnostics: placed };
}
