/**
 * `tiller.guide`: how a prompt's text is steered. The same settings come from elsewhere too (the command line, the steering
 * panel) and stand over the file's. What is wrong is reported, and then counts as not said.
 */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import type { Bounds, TextLimits } from "../../protocol/constraint.js";
import { readAdapterList, type AdapterEntry } from "../adapters.js";
import type { PromptFile } from "../ast.js";
import type { Diagnostic } from "../diagnostic.js";
import { keySpan, valueSpan } from "../frontMatter.js";
import { typeNames, typeOf } from "../frontMatterSchema.js";
import { lengths } from "./guide.js";
import { guideKeys } from "./guideKeys.js";
import { nearest } from "../nearest.js";
import type { BestOf, Emphasis, GuideGuidance, PromptGuide } from "./promptGuide.js";
import { isCount } from "../isCount.js";

/** Used where something is emphasised and no strength is said: below it little is seen, above 2 texts break. */
export const DEFAULT_STRENGTH = 1.5;
const MOST_STRENGTH = 100;
const MOST_CONTRAST = 2;
const MOST_BIAS = 100;
export const MOST_CANDIDATES = 16;
/** From here on guidance writes what the model alone finds absurd, so a cut is the default (arXiv 2210.15097). */
const STRONG = 2;
const PLAUSIBILITY = 0.1;

export interface ReadGuide {
  readonly guide: PromptGuide;
  readonly diagnostics: readonly Diagnostic[];
}

/** Says what is wrong at a path below `tiller.guide`; `isKey`: it is the key and not its value. */
export type Report = (path: readonly (string | number)[], message: string, isKey?: true) => undefined;

/** `over` stands over the file's keys, and null takes one away; what is wrong there is said with the places of the file. */
export function readGuide({ frontMatter }: Pick<PromptFile, "frontMatter">, over: JsonObject = {}): ReadGuide {
  const diagnostics: Diagnostic[] = [];
  const own = frontMatter?.value["tiller.guide"];
  const merged = { ...(isJsonObject(own) ? own : {}), ...over };
  const said = Object.fromEntries(Object.entries(merged).filter(([, it]) => it !== null));
  const report: Report = (path, message, isKey) => {
    const isGiven = 0 < path.length && Object.hasOwn(over, String(path[0]));
    const at = ["tiller.guide", ...path];
    const spanOf = isKey === true ? keySpan : valueSpan;
    const span = frontMatter === undefined || isGiven ? { start: 0, end: 0 } : spanOf(frontMatter, at);
    diagnostics.push({ code: "wrong-guide", severity: "error", span, message });
    return undefined;
  };
  if (own !== undefined && !isJsonObject(own)) report([], 'expected keys and values for "tiller.guide"');
  return { guide: readGuideSettings(said, report), diagnostics };
}

/** `null` is "not said". */
export function readGuideSettings(said: JsonObject, report: Report): PromptGuide {
  const known = guideKeys.map((it) => it.key);
  for (const key of Object.keys(said)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    report([key], `a guide has no setting "${key}"${near === undefined ? "" : `; did you mean "${near}"?`}`, true);
  }
  const text = (key: string) => textOf(said[key], [key], report);
  const { wished, limits } = readLength(said["length"], report);
  const include = textsOf(said["include"], ["include"], report);
  const avoid = textsOf(said["avoid"], ["avoid"], report);
  const [tone, audience, language, negative] = [text("tone"), text("audience"), text("language"), text("negative")];
  const emphasize = readEmphasis(said["emphasize"], report);
  const guidance = readGuidance(said, negative !== undefined || emphasize !== undefined, report);
  const bestOf = readBestOf(said["bestOf"], report);
  return {
    ...(tone !== undefined && { tone }),
    ...(audience !== undefined && { audience }),
    ...(language !== undefined && { language }),
    ...(negative !== undefined && { negative }),
    wished,
    limits: { ...limits, ...(include && { include }), ...(avoid && { avoid }) },
    ...(guidance && { guidance }),
    emphasize,
    bias: readBias(said["bias"], report),
    vectors: readVectors(said["vectors"], report),
    ...(bestOf && { bestOf }),
  };
}

// ------------------------------------------------------------------------------------------------ what is told and kept

interface ReadLength {
  readonly wished: TextLimits;
  readonly limits: TextLimits;
}

function readLength(value: Json | undefined, report: Report): ReadLength {
  const none: ReadLength = { wished: {}, limits: {} };
  if (value === undefined) return none;
  if (typeof value === "string") {
    const preset = lengths.find((it) => it.id === value);
    if (preset !== undefined) return { wished: preset.limits, limits: {} };
    report(["length"], `expected ${lengths.map((it) => it.id).join(", ")} or {words: {max: 40}} for "length"`);
    return none;
  }
  if (!isJsonObject(value)) {
    report(["length"], `expected a preset or limits for "length", found ${typeNames[typeOf(value)]}`);
    return none;
  }
  const units = ["words", "sentences", "chars"] as const;
  for (const key of Object.keys(value))
    if (!(units as readonly string[]).includes(key))
      report(["length", key], `expected ${units.join(", ")} in "length", found "${key}"`);
  const limits: Partial<Record<(typeof units)[number], Bounds>> = {};
  for (const unit of units) {
    const bounds = value[unit] === undefined ? undefined : readBounds(value[unit], ["length", unit], report);
    if (bounds !== undefined) limits[unit] = bounds;
  }
  return { wished: {}, limits };
}

/** A number alone is the upper end. */
function readBounds(value: Json, path: readonly string[], report: Report): Bounds | undefined {
  if (isCount(value)) return { max: value };
  const { min, max, ...others } = (isJsonObject(value) ? value : { wrong: value }) as JsonObject;
  const areCounts = [min, max].every((it) => it === undefined || isCount(it));
  if (!areCounts || 0 < Object.keys(others).length)
    return report(path, `expected a number, or {min, max}, for "${path.at(-1)}"`);
  const least = (min as number | undefined) ?? 0;
  const most = (max as number | undefined) ?? Infinity;
  if (most < least) return report(path, `expected a "max" of at least ${least}, found ${most}`);
  return { ...(isCount(min) && { min }), ...(isCount(max) && { max }) };
}

function readBias(value: Json | undefined, report: Report): Readonly<Record<string, number>> {
  if (value === undefined) return {};
  if (!isJsonObject(value)) {
    report(["bias"], `expected words and numbers for "bias", found ${typeNames[typeOf(value)]}`);
    return {};
  }
  const fine = Object.entries(value).filter(([word, it]) => {
    if (word.trim() === "") return report(["bias", word], "expected a word, found nothing");
    return number(it, -MOST_BIAS, MOST_BIAS, ["bias", word], report) !== undefined;
  });
  return Object.fromEntries(fine) as Record<string, number>;
}

// ------------------------------------------------------------------------------------------------ several readings

function readEmphasis(value: Json | undefined, report: Report): Emphasis {
  if (value === undefined || value === "instructions") return value;
  return textsOf(value, ["emphasize"], report);
}

/** `isEmphasised`: keys are there that mean something for the second reading alone. */
function readGuidance(said: JsonObject, isEmphasised: boolean, report: Report): GuideGuidance | undefined {
  const strength =
    said["strength"] === undefined ? undefined : number(said["strength"], 0, MOST_STRENGTH, ["strength"], report);
  const plausibility =
    said["plausibility"] === undefined ? undefined : number(said["plausibility"], 0, 1, ["plausibility"], report);
  const contrast = readContrast(said["contrast"], plausibility, report);
  const experts = readExperts(said["experts"], report);
  const isGuided = (strength ?? 1) !== 1 || isEmphasised;
  if (contrast !== undefined && experts !== undefined) return exclude("experts", "contrast", report);
  const other = contrast ?? experts;
  const key = contrast === undefined ? "experts" : "contrast";
  if (other !== undefined && isGuided) return exclude(key, strength === undefined ? "emphasize" : "strength", report);
  if (other !== undefined || (strength === undefined && !isEmphasised)) return other;
  const s = strength ?? DEFAULT_STRENGTH;
  const cut = plausibility ?? (STRONG < s ? PLAUSIBILITY : 0);
  return { kind: "classifier-free", strength: s, ...(0 < cut && { plausibility: cut }) };
}

function exclude(key: string, other: string, report: Report): undefined {
  return report(
    [key],
    `"${key}" and "${other}" exclude each other: both say which readings are compared. Leave out one`,
  );
}

function readContrast(
  value: Json | undefined,
  plausibility: number | undefined,
  report: Report,
): GuideGuidance | undefined {
  if (value === undefined) return undefined;
  const expected = 'expected {layers: 10} or {model: small.gguf} for "contrast"';
  if (!isJsonObject(value)) return report(["contrast"], expected);
  const { layers, model, strength } = value;
  if ((layers === undefined) === (model === undefined)) return report(["contrast"], expected);
  const s = strength === undefined ? undefined : number(strength, 0, MOST_CONTRAST, ["contrast", "strength"], report);
  const rest = { ...(s !== undefined && { strength: s }), ...(plausibility !== undefined && { plausibility }) };
  if (model !== undefined) {
    const path = textOf(model, ["contrast", "model"], report);
    return path === undefined ? undefined : { kind: "contrastive", amateur: { model: path }, ...rest };
  }
  if (!isCount(layers) || layers < 1)
    return report(["contrast", "layers"], 'expected a whole number from 1 up for "layers"');
  return { kind: "contrastive", amateur: { layers }, ...rest };
}

function readExperts(value: Json | undefined, report: Report): GuideGuidance | undefined {
  if (value === undefined) return undefined;
  const expected = 'expected an "expert", an "antiExpert", or both in "experts"';
  if (!isJsonObject(value)) return report(["experts"], expected);
  const list = (key: string) => adapters(value[key], ["experts", key], report);
  const [expert, antiExpert] = [list("expert"), list("antiExpert")];
  if (expert === undefined && antiExpert === undefined) return report(["experts"], expected);
  const strength =
    value["strength"] === undefined ? 1 : number(value["strength"], 0, MOST_STRENGTH, ["experts", "strength"], report);
  if (strength === undefined) return undefined;
  return { kind: "experts", strength, ...(expert && { expert }), ...(antiExpert && { antiExpert }) };
}

function adapters(value: Json | undefined, path: readonly string[], report: Report) {
  if (value === undefined) return undefined;
  const list: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : [value];
  const read = readAdapterList(list, (at, message) => report([...path, ...at], message));
  return read.length === 0 ? undefined : read;
}

/** Written as adapters are, with a strength in place of the scale. */
function readVectors(value: Json | undefined, report: Report): readonly AdapterEntry[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    report(["vectors"], `expected a list for "vectors", found ${typeNames[typeOf(value)]}`);
    return [];
  }
  const entries = (value as readonly Json[]).map((it) => {
    if (!isJsonObject(it)) return it;
    const { strength, ...rest } = it;
    return { ...rest, ...(strength !== undefined && { scale: strength }) };
  });
  return readAdapterList(entries, (path, message) => {
    const at = path.map((it) => (it === "scale" ? "strength" : it));
    return report(["vectors", ...at], message.replaceAll("scale", "strength"));
  });
}

function readBestOf(value: Json | undefined, report: Report): BestOf | undefined {
  if (value === undefined) return undefined;
  const { n, by } = (isJsonObject(value) ? value : { n: value }) as JsonObject;
  if (!isCount(n) || n < 1 || MOST_CANDIDATES < n)
    return report(["bestOf"], `expected a whole number from 1 to ${MOST_CANDIDATES} for "bestOf"`);
  if (by !== undefined && by !== "presets" && by !== "likelihood")
    return report(["bestOf", "by"], 'expected presets or likelihood for "by"');
  return n === 1 ? undefined : { n, ...(by !== undefined && { by }) };
}

// ------------------------------------------------------------------------------------------------ values

function textOf(value: Json | undefined, path: readonly string[], report: Report): string | undefined {
  if (value === undefined || (typeof value === "string" && value.trim() !== "")) return value;
  return report(path, `expected a text for "${path.at(-1)}"`);
}

function textsOf(
  value: Json | undefined,
  path: readonly (string | number)[],
  report: Report,
): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const list: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : [value];
  if (list.every((it): it is string => typeof it === "string" && it !== ""))
    return list.length === 0 ? undefined : list;
  return report(path, `expected a text, or a list of texts, for "${path.at(-1)}"`);
}

/** NaN and infinities, which YAML can write, are no strengths. */
function number(
  value: Json | undefined,
  least: number,
  most: number,
  path: readonly string[],
  report: Report,
): number | undefined {
  if (typeof value === "number" && least <= value && value <= most) return value;
  const found = typeof value === "number" ? String(value) : typeNames[typeOf(value)];
  return report(path, `expected a number from ${least} to ${most} for "${path.at(-1)}", found ${found}`);
}
