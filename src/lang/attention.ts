/** `tiller.attention`: which earlier tokens a token may see. */

import { isJsonObject } from "../base/json.js";
import type { Attention } from "../protocol/attention.js";
import type { PromptFile } from "./ast.js";
import { attentionPatterns } from "./attentionPatterns.js";
import type { Diagnostic } from "./diagnostic.js";
import { settingsReader, type SettingsReader } from "./settingsReader.js";

type Pattern = (typeof attentionPatterns)[number];

/** The settings that each pattern reads. */
const settingsOf: Readonly<Record<Pattern, readonly string[]>> = {
  auto: [],
  dense: [],
  streaming: ["sinks", "window", "chunk", "endless"],
  "block-sparse": ["block", "local", "stride", "columns"],
};
const DEFAULT_BLOCK = 64;

export interface ReadAttention {
  /** Undefined where the file says nothing. */
  readonly attention?: Attention;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is wrong counts as not said. */
export function readAttention({ frontMatter }: Pick<PromptFile, "frontMatter">): ReadAttention {
  const value = frontMatter?.value["tiller.attention"];
  const reader = settingsReader(frontMatter, "tiller.attention", "wrong-attention");
  const settings = isJsonObject(value) ? value : {};
  const pattern = reader.oneOf("pattern", attentionPatterns);
  if (pattern === undefined) {
    if (0 < Object.keys(settings).length && settings["pattern"] === undefined)
      reader.report([], "error", `expected a "pattern": one of ${attentionPatterns.join(", ")}`);
    return { diagnostics: reader.diagnostics };
  }
  const attention = patternOf(pattern, reader);
  for (const key of Object.keys(settings)) {
    const owner = attentionPatterns.find((it) => settingsOf[it].includes(key));
    if (owner !== undefined && owner !== pattern)
      reader.report([key], "warning", `\`${key}\` is read only with \`pattern: ${owner}\``);
  }
  return { attention, diagnostics: reader.diagnostics };
}

function patternOf(pattern: Pattern, reader: SettingsReader): Attention {
  const counts = <K extends string>(least: Readonly<Record<K, number>>): Partial<Record<K, number>> =>
    Object.fromEntries(
      Object.entries<number>(least)
        .map(([key, from]) => [key, reader.count(key, from)] as const)
        .filter(([, value]) => value !== undefined),
    ) as Partial<Record<K, number>>;
  switch (pattern) {
    case "auto":
      return pattern;
    case "dense":
      return { pattern };
    case "streaming": {
      const endless = reader.flag("endless");
      return { pattern, ...counts({ sinks: 0, window: 1, chunk: 1 }), ...(endless !== undefined && { endless }) };
    }
    case "block-sparse": {
      const numbers = counts({ block: 1, local: 1, stride: 1, columns: 1 });
      const { block = DEFAULT_BLOCK, columns } = numbers;
      if (numbers.stride !== undefined && columns !== undefined)
        reader.report(["columns"], "error", 'expected "stride" or "columns", found both');
      else if (columns !== undefined && block < columns)
        reader.report(
          ["columns"],
          "error",
          `expected at most the block's ${block} tokens for "columns", found ${columns}`,
        );
      return { pattern, ...numbers };
    }
    default:
      return pattern satisfies never;
  }
}
