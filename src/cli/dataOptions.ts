/** The option that gives an input variable the contents of a file: `--data people=people.csv`. */

import { resolve } from "node:path";

import { TillerError } from "../base/error.js";
import type { JsonObject } from "../base/json.js";
import type { OptionSpecs, OptionValues } from "./optionSpec.js";
import type { Terminal } from "./terminal.js";

export const dataOptions = {
  data: {
    type: "string",
    multiple: true,
    value: "NAME=FILE",
    help: "An input variable from a file: JSON, JSONL, CSV and TSV as values, anything else as text. Repeatable.",
  },
} as const satisfies OptionSpecs;

/** Throws `usage`. */
export function dataOf({ cwd }: Terminal, { data }: OptionValues<typeof dataOptions>): JsonObject {
  return Object.fromEntries(
    data.map((given) => {
      const [, name, path] = /^([^=]+)=(.+)$/s.exec(given) ?? [];
      if (name === undefined || path === undefined)
        throw new TillerError("usage", `--data takes NAME=FILE, as in --data people=people.csv, not "${given}".`);
      return [name, { file: resolve(cwd, path) }];
    }),
  );
}
