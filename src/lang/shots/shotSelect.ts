/** `tiller.shotSelect`: which shots are used, and in which order they stand. */

import { isJsonObject, type JsonObject } from "../../base/json.js";
import type { PromptFile } from "../ast.js";
import type { Diagnostic } from "../diagnostic.js";
import { settingsReader } from "../settingsReader.js";
import { orders, strategies } from "./strategies.js";

export interface ShotSelect {
  readonly strategy: (typeof strategies)[number];
  /** The most shots; undefined for all. */
  readonly k: number | undefined;
  readonly seed: number;
  /** The most tokens of all shots together. */
  readonly maxTokens: number | undefined;
  /** As in the file, the other way round, or the best of them last. */
  readonly order: (typeof orders)[number];
  /** For the strategy `tags`, beside those of the input. */
  readonly tags: readonly string[];
}

export interface ReadShotSelect {
  readonly select: ShotSelect;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is wrong counts as not said. */
export function readShotSelect({ frontMatter }: PromptFile): ReadShotSelect {
  const key = "tiller.shotSelect";
  const value = frontMatter?.value[key];
  const settings: JsonObject = isJsonObject(value) ? value : {};
  const reader = settingsReader(frontMatter, key, "wrong-shot-select");
  const strategy = reader.oneOf("strategy", strategies) ?? "first";
  const select: ShotSelect = {
    strategy,
    k: reader.count("k", 1),
    seed: reader.count("seed", 0) ?? 0,
    maxTokens: reader.count("maxTokens", 1),
    // What stands nearest to the question is followed most, so the best match stands there.
    order: reader.oneOf("order", orders) ?? (strategy === "similar" ? "nearest-last" : "asc"),
    tags: reader.texts("tags") ?? [],
  };
  if (strategy !== "tags" && settings["tags"] !== undefined)
    reader.report(["tags"], "warning", "`tags` is read only with `strategy: tags`");
  return { select, diagnostics: reader.diagnostics };
}
