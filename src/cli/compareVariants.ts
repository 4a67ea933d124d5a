/** The variants of `tiller compare`: those of the file's `tiller.compare`, or of a file of their own. */

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { messageOf, TillerError } from "../base/error.js";
import type { Json } from "../base/json.js";
import { ownAdapters, readVariant, type CompareSettings, type VariantEntry } from "../lang/compareSettings.js";
import { readCompare } from "../lang/compareSettings.js";
import { parse } from "../lang/parser.js";
import { samplingConfig } from "../runner/samplingConfig.js";
import { readText } from "../runner/textFile.js";
import type { Variant } from "../protocol/compare.js";
import type { ModelSpec } from "../protocol/engine.js";
import { resolveModel } from "./modelFiles.js";
import type { Terminal } from "./terminal.js";

export interface CompareChoice {
  readonly variants: readonly Variant[];
  readonly settings: CompareSettings;
}

/** `given`: a JSON file with a list of variants. Throws `usage`, `prompt-invalid`, `model-not-found`. */
export function compareVariants(
  terminal: Terminal,
  path: string,
  given: string | undefined,
  model: ModelSpec,
): CompareChoice {
  const { file } = parse(readText(path, (it) => readFileSync(it)));
  const { settings, diagnostics } = readCompare(file);
  const wrong = diagnostics[0];
  if (wrong !== undefined && given === undefined)
    throw new TillerError("prompt-invalid", `tiller.compare of ${path}: ${wrong.message}. See tiller check.`);
  const entries = given === undefined ? settings.variants : variantsIn(resolve(terminal.cwd, given));
  if (entries.length === 0)
    throw new TillerError(
      "usage",
      `${path} names no variants. Write them under \`tiller.compare\`, or give them with --variants FILE.`,
    );
  const own = ownAdapters(file);
  const variants = entries.map((it, i) => toVariant(terminal, it, String.fromCharCode(97 + i), { path, own, model }));
  return { variants, settings };
}

interface Prompt {
  readonly path: string;
  readonly own: readonly string[];
  readonly model: ModelSpec;
}

function variantsIn(path: string): readonly VariantEntry[] {
  let list: Json;
  try {
    list = JSON.parse(readText(path, (it) => readFileSync(it))) as Json;
  } catch (error) {
    if (error instanceof TillerError) throw error;
    throw new TillerError("input-invalid", `${path} is not JSON: ${messageOf(error)}.`, { cause: error });
  }
  if (!Array.isArray(list)) throw new TillerError("input-invalid", `${path} must hold a list of variants.`);
  return (list as readonly Json[]).flatMap((entry, i) => {
    const variant = readVariant(entry, (at, message) => {
      throw new TillerError(
        "input-invalid",
        `${path}, variant ${i + 1}${at.length === 0 ? "" : `, ${at.join(".")}`}: ${message}.`,
      );
    });
    return variant === undefined ? [] : [variant];
  });
}

/** Adapters that a variant does not name are left out, where it names any: a list is the whole list. */
function toVariant(terminal: Terminal, entry: VariantEntry, id: string, { path, own, model }: Prompt): Variant {
  const { label, adapters, config, guide, attention, variant } = entry;
  const left = adapters === undefined ? [] : own.filter((it) => adapters.every((one) => one.name !== it));
  const choices = [...(adapters ?? []), ...left.map((name) => ({ name, scale: 0 }))];
  return {
    ...{ id, label },
    ...(entry.model !== undefined && { model: { ...model, path: resolveModelNear(terminal, path, entry.model) } }),
    ...(0 < choices.length && { adapters: choices }),
    ...(config && { sampling: samplingConfig(config, `config of variant "${label}"`).sampling }),
    ...(guide && { guide }),
    ...(attention && { attention }),
    ...(variant !== undefined && { prompt: { path: variantPath(path, variant) } }),
  };
}

/** A path from the prompt's folder, else what `--model` takes. */
function resolveModelNear(terminal: Terminal, path: string, given: string): string {
  return resolveModel({ ...terminal, cwd: dirname(path) }, given);
}

/** `short` of `triage.prompt` is `triage.short.prompt`; anything with the ending is a path. */
function variantPath(path: string, variant: string): string {
  if (variant.endsWith(".prompt")) return join(dirname(path), variant);
  return path.replace(/(\.prompt)?$/, `.${variant}.prompt`);
}
