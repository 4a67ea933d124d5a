/** `tiller.models.options`: how single models are run, by the names of their files, or all of them (`*`). */

import { isAbsolute } from "node:path";

import { modelName } from "../../base/modelName.js";
import { attentionOfText } from "../../lang/attentionText.js";
import { devices } from "../../protocol/device.js";
import type { ModelSpec } from "../../protocol/engine.js";
import { fromHome } from "../fromHome.js";

/** What can be set for a model; what is not set is left to the other settings, and then to the engine. */
export type ModelOptions = Partial<Omit<ModelSpec, "path" | "unloadAfterMinutes">>;

export interface ModelSettings {
  /** The settings that are for all models. */
  readonly general: Omit<ModelSpec, "path">;
  /** By the name of the file without its ending; `*` is for all. */
  readonly options: Readonly<Record<string, ModelOptions>>;
}

const EVERY_MODEL = "*";

/** A value that the engine would refuse counts as absent: the editor has underlined it. */
export function readModelOptions(value: unknown): Readonly<Record<string, ModelOptions>> {
  return Object.fromEntries(Object.entries(recordOf(value)).map(([name, it]) => [modelName(name.trim()), optionsOf(recordOf(it))]));
}

/** What stands for one model stands over what stands for all, and that over the settings that have names of their own. */
export function modelAt({ general, options }: ModelSettings, path: string): ModelSpec {
  return { path, ...general, ...options[EVERY_MODEL], ...options[modelName(path)] };
}

/** How models are run of which only the name is known. */
export function byName({ options }: ModelSettings): Readonly<Record<string, ModelOptions>> {
  const names = Object.keys(options).filter((it) => it !== EVERY_MODEL);
  return Object.fromEntries(names.map((it) => [it, { ...options[EVERY_MODEL], ...options[it] }]));
}

function optionsOf(value: Readonly<Record<string, unknown>>): ModelOptions {
  const { precision, cache, attention, projector } = value;
  const contextTokens = positiveInteger(value["contextTokens"]);
  const threads = positiveInteger(value["threads"]);
  const device = devices.find((it) => it === value["device"]);
  const pattern = typeof attention === "string" ? attentionOfText(attention) : undefined;
  return {
    ...(precision === "fast" || precision === "exact" ? { precision } : {}),
    ...(contextTokens !== undefined && { contextTokens }),
    ...(threads !== undefined && { threads }),
    ...(device !== undefined && { device }),
    ...(cache === "float32" || cache === "int8" ? { cache } : {}),
    ...(pattern !== undefined && { attention: pattern }),
    ...(typeof projector === "string" && isAbsolute(fromHome(projector)) && { projector: fromHome(projector) }),
    ...flag("slidingWindow", value["slidingWindow"]),
    ...flag("ignoreMemory", value["ignoreMemory"]),
  };
}

function flag<K extends string>(key: K, value: unknown): Partial<Record<K, boolean>> {
  return typeof value === "boolean" ? ({ [key]: value } as Record<K, boolean>) : {};
}

function positiveInteger(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && 0 < value ? value : undefined;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
