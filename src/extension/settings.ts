/** The user's settings, typed. A value of the wrong kind counts as absent: the editor has already underlined it. */

import { isAbsolute } from "node:path";

import type { PlaceGuide } from "../lang/editor/guidedPlace.js";
import { devices, type Device } from "../protocol/device.js";
import type { ModelSpec } from "../protocol/engine.js";
import { fromHome } from "./fromHome.js";
import { languageId, settingIds } from "./ids.js";
import { modelAt, readModelOptions, type ModelSettings } from "./models/modelOptions.js";

export interface Settings {
  /** What prompts run on that name no model. */
  readonly model: ModelSpec;
  /** How it and others are run; see `modelAt`. */
  readonly models: ModelSettings;
  /** Of Generate with Guidance. */
  readonly maxTokens: number;
  readonly temperature: number;
  /** Ids of the languages in which completions are shown. */
  readonly ghostLanguages: readonly string[];
  /** Globs of files in which they are not. */
  readonly ghostExclude: readonly string[];
  /** Folders of adapters beside the usual ones: absolute, or from the workspace's folder. */
  readonly adapterFolders: readonly string[];
  /** Of completions outside of prompts, and of Generate with Guidance. */
  readonly guide: PlaceGuide;
  /** Folders of models beside the usual one; absolute. */
  readonly modelFolders: readonly string[];
  /** `keep`: how many comparisons stay on disk; 0 stores none. */
  readonly compare: { readonly keep: number };
}

/** `get` gives the value of a full setting id. `embeddedModel` is the path that an empty `tiller.model` stands for. */
export function readSettings(get: (id: string) => unknown, embeddedModel: string): Settings {
  const precision = get(settingIds.precision);
  const contextTokens = positiveInteger(get(settingIds.contextTokens));
  const threads = positiveInteger(get(settingIds.threads));
  const unloadAfterMinutes = positiveInteger(get(settingIds.unloadAfterMinutes));
  const device = deviceOf(get(settingIds.device));
  const temperature = get(settingIds.temperature);
  const models: ModelSettings = {
    general: {
      ...(precision === "fast" || precision === "exact" ? { precision } : {}),
      ...(contextTokens === undefined ? {} : { contextTokens }),
      ...(threads === undefined ? {} : { threads }),
      ...(unloadAfterMinutes === undefined ? {} : { unloadAfterMinutes }),
      ...(device === undefined ? {} : { device }),
    },
    options: readModelOptions(get(settingIds.modelOptions)),
  };
  return {
    model: modelAt(models, modelPath(get(settingIds.model), embeddedModel)),
    models,
    maxTokens: positiveInteger(get(settingIds.maxTokens)) ?? 256,
    ghostLanguages: languagesOf(get(settingIds.ghostLanguages)),
    ghostExclude: textsOf(get(settingIds.ghostExclude)),
    adapterFolders: foldersOf(get(settingIds.adapterFolders)),
    modelFolders: foldersOf(get(settingIds.modelFolders)).filter((it) => isAbsolute(it)),
    guide: { avoid: textsOf(get(settingIds.guideAvoid)), bias: biasOf(get(settingIds.guideBias)) },
    compare: { keep: wholeNumber(get(settingIds.compareKeep)) ?? 100 },
    temperature: typeof temperature === "number" && 0 <= temperature ? temperature : 0.7,
  };
}

function modelPath(value: unknown, embeddedModel: string): string {
  if (typeof value !== "string" || value.trim() === "") return embeddedModel;
  // A folder is the same with and without a separator at its end.
  return fromHome(value.trim()).replace(/(?<=.)[/\\]+$/, "");
}

/** 0 and null stand for "let Tiller choose". */
function positiveInteger(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && 0 < value ? value : undefined;
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && 0 <= value ? value : undefined;
}

/** A language that nobody has set is off, but for our own. */
function languagesOf(value: unknown): readonly string[] {
  const set = typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const merged = { [languageId]: true, ...set };
  return Object.entries(merged).flatMap(([language, isOn]) => (isOn === true ? [language] : []));
}

/** What the engine would refuse counts as absent. */
function biasOf(value: unknown): Readonly<Record<string, number>> {
  const set = typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const fine = Object.entries(set).filter(
    (it): it is [string, number] => it[0].trim() !== "" && typeof it[1] === "number" && Math.abs(it[1]) <= 100,
  );
  return Object.fromEntries(fine);
}

/** `auto` is what is done without a setting. */
function deviceOf(value: unknown): Device | undefined {
  return devices.find((it) => it === value && it !== "auto");
}

function foldersOf(value: unknown): readonly string[] {
  return textsOf(value)
    .filter((it) => it.trim() !== "")
    .map((it) => fromHome(it.trim()));
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((it): it is string => typeof it === "string") : [];
}
