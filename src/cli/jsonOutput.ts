/** `--json`: one value on stdout, or with `--stream` one line for each event and a last one for the result. */

import type { OptionSpecs } from "./optionSpec.js";
import type { Output } from "./terminal.js";

export const jsonOption = {
  json: { type: "boolean", help: "Print one JSON value on stdout and nothing else." },
} as const satisfies OptionSpecs;

export const streamOption = {
  stream: { type: "boolean", help: 'With --json: a line of JSON for each event; the last is {"type": "result", ...}.' },
} as const satisfies OptionSpecs;

export const quietOption = {
  quiet: { type: "boolean", short: "q", help: "No progress on stderr." },
} as const satisfies OptionSpecs;

/** Indented for a screen, one line for a program. */
export function jsonText({ isTerminal }: Output, value: unknown): string {
  return `${JSON.stringify(value, undefined, isTerminal ? 2 : 0)}\n`;
}
