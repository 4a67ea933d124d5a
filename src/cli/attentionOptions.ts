/** The option that says what the tokens of a command see: `streaming:64,1024`. */

import { TillerError } from "../base/error.js";
import type { Attention } from "../protocol/attention.js";
import type { OptionSpecs, OptionValues } from "./optionSpec.js";

export const attentionOptions = {
  attention: {
    type: "string",
    value: "PATTERN",
    help:
      "auto (default), dense, streaming[:SINKS,WINDOW], endless[:SINKS,WINDOW], block-sparse[:BLOCK,LOCAL,STRIDE] or " +
      "columns[:BLOCK,LOCAL,COLUMNS]. See docs/attention.md.",
  },
} as const satisfies OptionSpecs;

const forms: Readonly<Record<string, { readonly most: number; make(numbers: readonly number[]): Attention }>> = {
  auto: { most: 0, make: () => "auto" },
  dense: { most: 0, make: () => ({ pattern: "dense" }) },
  streaming: { most: 2, make: (numbers) => ({ pattern: "streaming", ...named(numbers, ["sinks", "window"]) }) },
  endless: {
    most: 2,
    make: (numbers) => ({ pattern: "streaming", endless: true, ...named(numbers, ["sinks", "window"]) }),
  },
  "block-sparse": {
    most: 3,
    make: (numbers) => ({ pattern: "block-sparse", ...named(numbers, ["block", "local", "stride"]) }),
  },
  columns: {
    most: 3,
    make: (numbers) => ({
      pattern: "block-sparse",
      columns: DEFAULT_COLUMNS,
      ...named(numbers, ["block", "local", "columns"]),
    }),
  },
};
const DEFAULT_COLUMNS = 8;

/** What was not given is left to the prompt file, or to the engine. Throws `usage`. */
export function attentionOf({ attention }: OptionValues<typeof attentionOptions>): { readonly attention?: Attention } {
  if (attention === undefined) return {};
  const [name = "", list] = attention.split(/:(.*)/s);
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  const numbers = list === undefined ? [] : list.split(",").map((it) => (/^\d+$/.test(it.trim()) ? Number(it) : NaN));
  if (form === undefined || form.most < numbers.length || numbers.some(Number.isNaN)) {
    const message = `--attention is ${Object.keys(forms).join(", ")}, with whole numbers as in streaming:64,1024, not "${attention}".`;
    throw new TillerError("usage", message);
  }
  return { attention: form.make(numbers) };
}

function named<K extends string>(numbers: readonly number[], names: readonly K[]): Partial<Record<K, number>> {
  return Object.fromEntries(numbers.map((it, i) => [names[i], it])) as Partial<Record<K, number>>;
}
