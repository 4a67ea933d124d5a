/** `tiller.compare`: the variants of a prompt that are compared, and how often. */

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import { readAdapters, type AdapterEntry } from "./adapters.js";
import type { PromptFile } from "./ast.js";
import type { Diagnostic } from "./diagnostic.js";
import { valueSpan, type KeyPath } from "./frontMatter.js";
import { typeNames, typeOf } from "./frontMatterSchema.js";
import { nearest } from "./nearest.js";
import { isCount } from "./isCount.js";

export interface CompareSettings {
  readonly variants: readonly VariantEntry[];
  readonly repeat?: number;
  readonly seeds?: readonly number[];
  readonly blind: boolean;
}

export interface VariantEntry {
  readonly label: string;
  /** A GGUF file, as a path from the prompt's folder, or a model's name. */
  readonly model?: string;
  /** In place of the file's own: those that are not named are left out. */
  readonly adapters?: readonly Pick<AdapterEntry, "name" | "scale">[];
  readonly config?: JsonObject;
  readonly guide?: JsonObject;
  readonly attention?: JsonObject;
  /** Another version of the prompt: `short` of `triage.prompt` is `triage.short.prompt`. */
  readonly variant?: string;
}

const MOST_VARIANTS = 8;
const keys = ["label", "model", "adapters", "config", "guide", "attention", "variant"];

/** What is wrong counts as not said. */
export function readCompare({ frontMatter }: Pick<PromptFile, "frontMatter">): {
  readonly settings: CompareSettings;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const value = frontMatter?.value["tiller.compare"];
  if (frontMatter === undefined || !isJsonObject(value))
    return { settings: { variants: [], blind: true }, diagnostics };
  const report: Report = (path, message) => {
    const at: KeyPath = ["tiller.compare", ...path];
    diagnostics.push({ code: "wrong-compare", severity: "error", span: valueSpan(frontMatter, at), message });
    return undefined;
  };
  const { repeat, seeds, blind } = value;
  const variants = readVariantList(value["variants"], report);
  if (repeat !== undefined && !isCount(repeat, 1)) report(["repeat"], 'expected a whole number from 1 up for "repeat"');
  if (seeds !== undefined && !isSeeds(seeds))
    report(["seeds"], 'expected a list of whole numbers from 0 up for "seeds"');
  if (blind !== undefined && typeof blind !== "boolean") report(["blind"], 'expected true or false for "blind"');
  return {
    settings: {
      variants,
      ...(isCount(repeat, 1) && { repeat }),
      ...(isSeeds(seeds) && { seeds }),
      blind: blind !== false,
    },
    diagnostics,
  };
}

type Report = (path: KeyPath, message: string) => undefined;

function readVariantList(list: Json | undefined, report: Report): readonly VariantEntry[] {
  if (list === undefined) return [];
  if (!Array.isArray(list))
    return report(["variants"], `expected a list for "variants", found ${typeNames[typeOf(list)]}`) ?? [];
  const entries = list as readonly Json[];
  if (entries.length < 2 || MOST_VARIANTS < entries.length)
    report(["variants"], `expected 2 to ${MOST_VARIANTS} variants, found ${entries.length}`);
  const seen = new Set<string>();
  return entries.flatMap((it, i) => {
    const variant = readVariant(it, (path, message) => report(["variants", i, ...path], message));
    if (variant === undefined) return [];
    if (seen.has(variant.label)) report(["variants", i], `two variants are called "${variant.label}"`);
    seen.add(variant.label);
    return [variant];
  });
}

/** Also of a file of variants, which is a list of the same entries. */
export function readVariant(entry: Json, report: Report): VariantEntry | undefined {
  if (!isJsonObject(entry)) return report([], `expected {${keys.join(", ")}}, found ${typeNames[typeOf(entry)]}`);
  const unknown = Object.keys(entry).find((it) => !keys.includes(it));
  if (unknown !== undefined) {
    const near = nearest(unknown, keys);
    report([unknown], `a variant has no "${unknown}"${near === undefined ? "" : `; did you mean "${near}"?`}`);
  }
  const text = (key: "label" | "model" | "variant"): string | undefined => {
    const value = entry[key];
    if (value === undefined || (typeof value === "string" && value !== "")) return value;
    return report([key], `expected a text for "${key}"`);
  };
  const object = (key: "config" | "guide" | "attention"): JsonObject | undefined => {
    const value = entry[key];
    if (value === undefined || isJsonObject(value)) return value;
    return report([key], `expected keys and values for "${key}", found ${typeNames[typeOf(value)]}`);
  };
  const label = text("label");
  if (label === undefined) return report([], 'expected a "label"');
  const [model, variant] = [text("model"), text("variant")];
  const [config, guide, attention] = [object("config"), object("guide"), object("attention")];
  const adapters = readVariantAdapters(entry["adapters"], report);
  return {
    label,
    ...(model !== undefined && { model }),
    ...(adapters !== undefined && { adapters }),
    ...(config !== undefined && { config }),
    ...(guide !== undefined && { guide }),
    ...(attention !== undefined && { attention }),
    ...(variant !== undefined && { variant }),
  };
}

/** The entries of `tiller.adapters`, without what only a file can say of them. */
function readVariantAdapters(list: Json | undefined, report: Report): VariantEntry["adapters"] {
  if (list === undefined) return undefined;
  if (!Array.isArray(list))
    return report(["adapters"], `expected a list for "adapters", found ${typeNames[typeOf(list)]}`);
  return (list as readonly Json[]).flatMap((it, i) => {
    const { name, uri, scale = 1 } = typeof it === "string" ? { name: it } : isJsonObject(it) ? it : {};
    const found = uri ?? name;
    if (typeof found === "string" && found !== "" && typeof scale === "number" && Math.abs(scale) <= 100)
      return [{ name: found, scale }];
    return report(["adapters", i], "expected a name, or {name, scale} with a scale from -100 to 100") ?? [];
  });
}

function isSeeds(value: Json | undefined): value is readonly number[] {
  return Array.isArray(value) && 0 < value.length && (value as readonly Json[]).every((it) => isCount(it, 0));
}

/** Names of the file's own adapters: a variant leaves out those that it does not name. */
export function ownAdapters(file: Pick<PromptFile, "frontMatter">): readonly string[] {
  return readAdapters(file).adapters.map((it) => it.name);
}
