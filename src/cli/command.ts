/** What a command of `tiller` is: its options as data, from which the parser and the help are made. */

import { TillerError } from "../base/error.js";
import { helpOf } from "./help.js";
import type { OptionSpecs, OptionValues } from "./optionSpec.js";
import { parseOptions } from "./options.js";
import type { Terminal } from "./terminal.js";

export interface CommandSpec<O extends OptionSpecs> {
  /** One or two words: `run`, `models list`. */
  readonly name: string;
  readonly summary: string;
  /** What stands after the name in the usage line, such as `FILE`. */
  readonly operands: string;
  readonly options: O;
  /** More lines for the help: examples, details. */
  readonly details?: string;
  /** Returns the exit code. */
  run(terminal: Terminal, options: OptionValues<O>, operands: readonly string[]): Promise<number>;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** `args` are those after the name. */
  run(terminal: Terminal, args: readonly string[]): Promise<number>;
}

const helpOption = { help: { type: "boolean", short: "h", help: "Show this help." } } as const satisfies OptionSpecs;

export function defineCommand<const O extends OptionSpecs>(spec: CommandSpec<O>): Command {
  const options = { ...spec.options, ...helpOption };
  return {
    name: spec.name,
    summary: spec.summary,
    async run(terminal, args) {
      const parsed = parseOptions(spec.name, options, args);
      if (parsed.values["help"] === true) {
        terminal.stdout.write(helpOf({ ...spec, options }));
        return 0;
      }
      // `parseOptions` gives each option the type that its spec says; the compiler cannot follow it there.
      return spec.run(terminal, parsed.values as OptionValues<O>, parsed.operands);
    },
  };
}

/** The only operand, or a usage error that says what is missing or too much. */
export function oneOperand(command: string, what: string, operands: readonly string[]): string {
  const [first, second] = operands;
  if (first === undefined)
    throw new TillerError("usage", `tiller ${command} needs ${what}. See tiller ${command} --help.`);
  if (second !== undefined) {
    throw new TillerError(
      "usage",
      `tiller ${command} takes one ${what.replace(/^an? /, "")}; "${second}" is too much.`,
    );
  }
  return first;
}
