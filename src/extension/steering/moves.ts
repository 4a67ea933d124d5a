/** Which controls of the steering panel were moved from what the file says, and what a run is asked for them. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { lastStep, type AdapterEntry } from "../../lang/adapters.js";
import type { SamplingOptions } from "../../protocol/engine.js";
import type { AdapterChoice } from "../../protocol/run.js";
import type { SteeringSectionId } from "../../protocol/steering.js";

/** What the file says. */
export interface WrittenSteering {
  /** `tiller.guide` */
  readonly guide: JsonObject;
  readonly config: JsonObject;
  readonly adapters: readonly AdapterEntry[];
  /** Names of the input variables. */
  readonly variables: readonly string[];
}

/** By the control's id; a control that is not here is as the file says. */
export type Moves = Readonly<Record<string, string | number>>;

/** Of a choice: the file's own value is taken away. */
export const NONE = "(none)";

export const choiceKeys = ["tone", "audience", "language", "length"] as const;
export const samplingKeys = ["temperature", "topP", "minP", "repetitionPenalty", "seed"] as const;
export type SamplingKey = (typeof samplingKeys)[number];

const samplingDefaults: Readonly<Record<SamplingKey, number>> = {
  temperature: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  seed: 0,
};

export function sectionOf(control: string): SteeringSectionId {
  if (control.startsWith("vector:")) return "vectors";
  if (control.startsWith("adapter:")) return "adapters";
  if (["strength", "emphasize", "negative"].includes(control)) return "guidance";
  return ["bestOf", ...samplingKeys].includes(control) ? "sampling" : "style";
}

/** What a control shows when nobody has moved it: of a choice the empty text. */
export function writtenValue(control: string, written: WrittenSteering): string | number {
  const { guide, config } = written;
  const [kind, name] = splitId(control);
  if (kind === "vector") return vectorsOf(guide).find((it) => it.name === name)?.strength ?? 0;
  if (kind === "adapter") return written.adapters.find((it) => it.name === name)?.scale ?? 0;
  switch (control) {
    case "strength":
      return numberOf(guide["strength"]) ?? (isEmphasised(guide) ? 1.5 : 1);
    case "avoid":
      return textsOf(guide["avoid"]).join(", ");
    case "negative":
      return typeof guide["negative"] === "string" ? guide["negative"] : "";
    case "bestOf":
      return bestOfNumber(guide["bestOf"]);
    default: {
      const key = samplingKeys.find((it) => it === control);
      return key === undefined ? "" : (numberOf(config[key]) ?? samplingDefaults[key]);
    }
  }
}

/** What a control holds as long as it is not moved: what is emphasised has a strength of its own, also where the panel says so. */
export function unmovedValue(control: string, written: WrittenSteering, moves: Moves): string | number {
  if (control !== "strength") return writtenValue(control, written);
  const guide: Record<string, Json> = { ...written.guide };
  for (const key of ["emphasize", "negative"]) {
    const value = moves[key];
    if (value !== undefined) guide[key] = guideValue(key, value, written);
  }
  return writtenValue(control, { ...written, guide });
}

/** The file means something by its guidance although it says no strength: then it is the language's default. */
function isEmphasised(guide: JsonObject): boolean {
  return (guide["negative"] ?? guide["emphasize"] ?? null) !== null;
}

/** A control that is put back where it was is not moved. `value` undefined: it is to be as the file says. */
export function moved(
  moves: Moves,
  control: string,
  value: string | number | undefined,
  written: WrittenSteering,
): Moves {
  const { [control]: _, ...others } = moves;
  const isWritten = value === undefined || value === unmovedValue(control, written, moves);
  return isWritten || (typeof value === "number" && !Number.isFinite(value)) ? others : { ...others, [control]: value };
}

export function withoutSection(moves: Moves, section: SteeringSectionId): Moves {
  return Object.fromEntries(Object.entries(moves).filter(([control]) => sectionOf(control) !== section));
}

// ------------------------------------------------------------------------------------------------ what is asked for

export interface Steering {
  /** Keys of `tiller.guide`; null takes one away. */
  readonly guide: JsonObject;
  readonly sampling: SamplingOptions & Readonly<Partial<Record<SamplingKey, number>>>;
  readonly adapters: readonly AdapterChoice[];
}

export function steeringOfMoves(moves: Moves, written: WrittenSteering): Steering {
  const guide: Record<string, Json> = {};
  const sampling: Partial<Record<SamplingKey, number>> = {};
  const adapters: AdapterChoice[] = [];
  for (const [control, value] of Object.entries(moves)) {
    const [kind, name] = splitId(control);
    const key = samplingKeys.find((it) => it === control);
    if (kind === "adapter") adapters.push({ name, scale: Number(value) });
    else if (key !== undefined) sampling[key] = Number(value);
    else if (kind === undefined) guide[control] = guideValue(control, value, written);
  }
  const vectors = movedVectors(moves, written);
  return { guide: { ...guide, ...(vectors !== undefined && { vectors }) }, sampling, adapters };
}

function guideValue(control: string, value: string | number, { guide, variables }: WrittenSteering): Json {
  if (value === NONE) return null;
  switch (control) {
    case "avoid": {
      const texts = splitTexts(String(value));
      return texts.length === 0 ? null : texts;
    }
    case "negative":
      return String(value).trim() === "" ? null : value;
    case "emphasize":
      if (value === "instructions") return value;
      return value === "context" ? [...variables] : [String(value).replace(/^input:/, "")];
    case "bestOf": {
      const own = guide["bestOf"];
      return own !== undefined && isJsonObject(own) ? { ...own, n: value } : value;
    }
    default:
      return value;
  }
}

/** `sorry, I am afraid` -> two texts */
function splitTexts(text: string): string[] {
  return text
    .split(",")
    .map((it) => it.trim())
    .filter((it) => it !== "");
}

/** The whole list, since a list of the guide is replaced as one; undefined where no vector was moved. */
function movedVectors(moves: Moves, { guide }: WrittenSteering): Json | undefined {
  const strengths = new Map(
    Object.entries(moves).flatMap(([control, value]) => {
      const [kind, name] = splitId(control);
      return kind === "vector" ? [[name, Number(value)] as const] : [];
    }),
  );
  if (strengths.size === 0) return undefined;
  const own = vectorsOf(guide).map(({ name, entry }) => {
    const strength = strengths.get(name);
    strengths.delete(name);
    if (strength === undefined) return entry;
    return isJsonObject(entry) ? { ...entry, strength } : { name, strength };
  });
  return [...own, ...[...strengths].map(([name, strength]) => ({ name, strength }))];
}

export interface WrittenVector {
  readonly name: string;
  readonly strength: number;
  readonly entry: Json;
}

export function vectorsOf(guide: JsonObject): readonly WrittenVector[] {
  const list = guide["vectors"];
  const entries = Array.isArray(list) ? (list as readonly Json[]) : [];
  return entries.flatMap((entry): readonly WrittenVector[] => {
    if (typeof entry === "string") return [{ name: entry, strength: 1, entry }];
    if (!isJsonObject(entry)) return [];
    const { name, uri, strength } = entry;
    const called = typeof name === "string" ? name : typeof uri === "string" ? lastStep(uri) : undefined;
    return called === undefined ? [] : [{ name: called, strength: numberOf(strength) ?? 1, entry }];
  });
}

/** `vector:cheerful` -> its kind and its name; the kind is undefined for controls that every prompt has. */
export function splitId(control: string): readonly ["vector" | "adapter" | undefined, string] {
  const [, kind, name] = /^(vector|adapter):(.*)$/s.exec(control) ?? [];
  return kind === undefined ? [undefined, control] : [kind as "vector" | "adapter", name!];
}

export function bestOfNumber(value: Json | undefined): number {
  const n = value !== undefined && isJsonObject(value) ? value["n"] : value;
  return numberOf(n) ?? 1;
}

export function textsOf(value: Json | undefined): readonly string[] {
  const list: readonly (Json | undefined)[] = Array.isArray(value) ? (value as readonly Json[]) : [value];
  return list.filter((it): it is string => typeof it === "string");
}

export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
