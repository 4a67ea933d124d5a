/** The user's settings, typed. A value of the wrong kind counts as absent: the editor has already underlined it. */

import { homedir } from "node:os";
import { join } from "node:path";

import type { ModelSpec } from "../protocol/engine.js";
import { languageId, settingIds } from "./ids.js";

export interface Settings {
  readonly model: ModelSpec;
  /** Of Generate with Guidance. */
  readonly maxTokens: number;
  readonly temperature: number;
  /** Ids of the languages in which completions are shown. */
  readonly ghostLanguages: readonly string[];
  /** Globs of files in which they are not. */
  readonly ghostExclude: readonly string[];
  /** Folders of adapters beside the usual ones: absolute, or from the workspace's folder. */
  readonly adapterFolders: readonly string[];
  /** `keep`: how many comparisons stay on disk; 0 stores none. */
  readonly compare: { readonly keep: number };
}

/** `get` gives the value of a full setting id. `embeddedModel` is the path that an empty `tiller.model` stands for. */
export function readSettings(get: (id: string) => unknown, embeddedModel: string): Settings {
  const precision = get(settingIds.precision);
  const contextTokens = positiveInteger(get(settingIds.contextTokens));
  const threads = positiveInteger(get(settingIds.threads));
  const temperature = get(settingIds.temperature);
  return {
    model: {
      path: modelPath(get(settingIds.model), embeddedModel),
      ...(precision === "fast" || precision === "exact" ? { precision } : {}),
      ...(contextTokens === undefined ? {} : { contextTokens }),
      ...(threads === undefined ? {} : { threads }),
    },
    maxTokens: positiveInteger(get(settingIds.maxTokens)) ?? 256,
    ghostLanguages: languagesOf(get(settingIds.ghostLanguages)),
    ghostExclude: textsOf(get(settingIds.ghostExclude)),
    adapterFolders: textsOf(get(settingIds.adapterFolders))
      .filter((it) => it.trim() !== "")
      .map((it) => fromHome(it.trim())),
    compare: { keep: wholeNumber(get(settingIds.compareKeep)) ?? 100 },
    temperature: typeof temperature === "number" && 0 <= temperature ? temperature : 0.7,
  };
}

function modelPath(value: unknown, embeddedModel: string): string {
  if (typeof value !== "string" || value.trim() === "") return embeddedModel;
  return fromHome(value.trim());
}

function fromHome(path: string): string {
  return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : path;
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

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((it): it is string => typeof it === "string") : [];
}
