/** Help texts, made from the same data as the parser. */

import type { OptionSpecs } from "./optionSpec.js";

const WIDTH = 100;

export interface Helped {
  readonly name: string;
  readonly summary: string;
  readonly operands: string;
  readonly options: OptionSpecs;
  readonly details?: string;
}

export function helpOf({ name, summary, operands, options, details }: Helped): string {
  const rows = Object.entries(options).map(([option, { short, value, help, type }]): readonly [string, string] => {
    const names = `${short === undefined ? "    " : `-${short}, `}--${option}`;
    return [type === "boolean" ? names : `${names} ${value ?? "TEXT"}`, help];
  });
  const usage = ["tiller", name, operands, "[options]"].filter((it) => it !== "").join(" ");
  const parts = [summary, `Usage: ${usage}`, `Options:\n${table(rows)}`, details?.trim()];
  return `${parts.filter((it) => it !== undefined).join("\n\n")}\n`;
}

/** What the list of commands shows of one. */
export interface Listed {
  readonly name: string;
  readonly summary: string;
}

export function overview(commands: readonly Listed[], version: string): string {
  const rows = commands.map(({ name, summary }): readonly [string, string] => [name, summary]);
  return `Tiller ${version} steers local language models from .prompt files.

Usage: tiller COMMAND [options]

Commands:
${table(rows)}

tiller COMMAND --help tells more about one. Commands with a result know --json: one JSON value on stdout.
Exit codes: 0 good, 1 what was asked for failed, 2 wrong usage, 130 interrupted.
`;
}

/** Two columns; long texts in the second are wrapped. */
function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([it]) => it.length)) + 2;
  return rows
    .map(
      ([left, right]) => `  ${left.padEnd(width)}${wrap(right, WIDTH - width - 2).join(`\n${" ".repeat(width + 2)}`)}`,
    )
    .join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && width < line.length + 1 + word.length) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
