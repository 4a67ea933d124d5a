/** Attention as one short text, for command lines and settings: `streaming:64,1024`. */

import type { Attention } from "../protocol/attention.js";

interface Form {
  /** Numbers behind the colon; all may be left out. */
  readonly most: number;
  make(numbers: readonly number[]): Attention;
}

const DEFAULT_COLUMNS = 8;

const forms: Readonly<Record<string, Form>> = {
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

export const attentionForms: readonly string[] = Object.keys(forms);

/** Undefined for a text that is none. Whether the numbers make a pattern is for the engine to say. */
export function attentionOfText(text: string): Attention | undefined {
  const [name = "", list] = text.trim().split(/:(.*)/s);
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  const numbers = list === undefined ? [] : list.split(",").map((it) => (/^\d+$/.test(it.trim()) ? Number(it) : NaN));
  if (form === undefined || form.most < numbers.length || numbers.some(Number.isNaN)) return undefined;
  return form.make(numbers);
}

function named<K extends string>(numbers: readonly number[], names: readonly K[]): Partial<Record<K, number>> {
  return Object.fromEntries(numbers.map((it, i) => [names[i], it])) as Partial<Record<K, number>>;
}
