/** The `config` of a prompt or of one hole, as the engine takes it. */

import { TillerError } from "../base/error.js";
import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import type { SamplingOptions } from "../protocol/engine.js";

export interface SamplingConfig {
  readonly sampling: SamplingOptions;
  readonly maxTokens?: number;
  readonly stop: readonly string[];
}

const names = [
  "temperature",
  "topK",
  "topP",
  "minP",
  "typicalP",
  "repetitionPenalty",
  "frequencyPenalty",
  "presencePenalty",
  "penaltyWindow",
  "noRepeatNgram",
  "seed",
] as const satisfies readonly (keyof SamplingOptions)[];

/** Keys of other models' settings are left alone, so that one file can serve several. `where` is for messages. */
export function samplingConfig(config: JsonObject, where: string): SamplingConfig {
  const sampling: Partial<Record<(typeof names)[number], number>> = {};
  for (const name of names) {
    const value = config[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== "number") throw wrong(`${where}.${name}`, "a number", value);
    sampling[name] = value;
  }
  const { maxOutputTokens: most = null, stopSequences: stop = null, logitBias = null } = config;
  const bias = logitBias === null ? {} : { logitBias: tokenBias(`${where}.logitBias`, logitBias) };
  if (most !== null && (typeof most !== "number" || !Number.isInteger(most) || most < 1)) {
    throw wrong(`${where}.maxOutputTokens`, "a whole number, 1 or more", most);
  }
  return {
    sampling: { ...sampling, ...bias },
    stop: stopTexts(`${where}.stopSequences`, stop),
    ...(most !== null && { maxTokens: most }),
  };
}

function tokenBias(where: string, value: Json): Readonly<Record<number, number>> {
  const entries = isJsonObject(value) ? Object.entries(value) : undefined;
  const fine = entries?.every(([id, it]) => /^\d+$/.test(id) && typeof it === "number");
  if (entries === undefined || fine !== true) throw wrong(where, "numbers by token id, as {7: -2}", value);
  return Object.fromEntries(entries) as Record<number, number>;
}

function stopTexts(where: string, value: Json): readonly string[] {
  if (value === null) return [];
  const list: readonly Json[] = Array.isArray(value) ? value : [value as Json];
  const texts = list.filter((it): it is string => typeof it === "string" && it !== "");
  if (texts.length < list.length) throw wrong(where, "a list of texts, none of them empty", value);
  return texts;
}

function wrong(where: string, expected: string, found: Json): TillerError {
  return new TillerError("prompt-invalid", `${where} must be ${expected}, and is ${JSON.stringify(found)}.`);
}
