/** What a hole may hold, from its short form in the body and from `tiller.gen` in the front matter. */

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import type { Span } from "../base/text.js";
import type { Bounds } from "../protocol/constraint.js";
import type { HoleConstraint, HoleSpec } from "./hole.js";
import { isCount } from "./isCount.js";

export const constraintKeys = ["choice", "regex", "json", "int", "number", "grammar", "text"] as const;
export const samplingKeys = [
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
  "logitBias",
  "seed",
] as const;
const boundKeys = ["chars", "words", "sentences"] as const;
const limitKeys = [...boundKeys, "startsWith", "endsWith", "include", "avoid"] as const;
const ownKeys = ["stop", "stopBefore", "tokens", "hidden", "scores", "level", "onFail"];
export const holeKeys: readonly string[] = [...constraintKeys, ...limitKeys, ...ownKeys, ...samplingKeys];

/** What `level` may say. */
export const levels = ["hard", "check", "prefer"] as const;

export interface HoleProblem {
  readonly code: "conflicting-constraints" | "wrong-type" | "unknown-key";
  readonly key: string;
  readonly message: string;
}

/** `settings` are what the front matter says, overridden by the short form. Wrong values are left out and reported. */
export function holeSpec(
  name: string,
  settings: JsonObject,
  span: Span,
): { readonly hole: HoleSpec; readonly problems: readonly HoleProblem[] } {
  const problems: HoleProblem[] = [];
  const wrong = (key: string, expected: string): undefined => {
    const message = `expected ${expected} for "${key}" of hole "${name}", found ${JSON.stringify(settings[key])}`;
    problems.push({ code: "wrong-type", key, message });
    return undefined;
  };
  const constraint = readConstraint();
  const stop = [...(readTexts("stop") ?? []), ...(readTexts("stopBefore") ?? [])];
  const tokens = readBounds("tokens");
  const limits = readLimits();
  const hidden = readFlag("hidden");
  const scores = readFlag("scores");
  if (scores === true && constraint?.kind !== "choice") wrong("scores", "a choice beside it");
  const level = readLevel();
  const onFail = readOnFail();
  const pick = (keys: readonly string[]) =>
    Object.fromEntries(Object.entries(settings).filter(([key]) => keys.includes(key)));
  const config = pick(samplingKeys);
  const unknown = Object.keys(settings).filter((it) => !holeKeys.includes(it));
  for (const key of unknown) problems.push({ code: "unknown-key", key, message: `a hole has no setting "${key}"` });
  const other = pick(unknown);
  const hole = {
    name,
    span,
    ...(constraint && { constraint }),
    ...(0 < stop.length && { stop }),
    ...(tokens && { tokens }),
    ...(0 < Object.keys(config).length && { config }),
    ...(hidden === true && { hidden }),
    ...(0 < Object.keys(limits).length && { limits }),
    ...(scores === true && { scores }),
    ...(level && { level }),
    ...(onFail && { onFail }),
    ...(0 < Object.keys(other).length && { other }),
  };
  return { hole, problems };

  function readConstraint(): HoleConstraint | undefined {
    const isConstraint = (key: string): key is (typeof constraintKeys)[number] =>
      (constraintKeys as readonly string[]).includes(key);
    const given = Object.keys(settings)
      .filter(isConstraint)
      .filter((key) => settings[key] !== false);
    const [key, second] = given;
    if (key === undefined) return undefined;
    if (second !== undefined) {
      const message = `expected one constraint on hole "${name}", found ${given.map((it) => `"${it}"`).join(" and ")}`;
      problems.push({ code: "conflicting-constraints", key: second, message });
    }
    return constraintOf(key, settings[key]!);
  }

  function constraintOf(key: (typeof constraintKeys)[number], value: Json): HoleConstraint | undefined {
    switch (key) {
      case "choice": {
        const options = Array.isArray(value) ? value.map(textOf) : [];
        if (options.length === 0 || options.includes("")) return wrong(key, "a list of texts, none of them empty");
        return { kind: key, options };
      }
      case "regex":
        return typeof value === "string" ? { kind: key, source: value } : wrong(key, "a regular expression");
      case "grammar":
        return typeof value === "string" ? { kind: key, gbnf: value } : wrong(key, "a grammar");
      case "json":
        return { kind: key, schema: value };
      case "int":
      case "number":
        return { kind: key, options: value };
      case "text":
        return { kind: key };
      default:
        return key satisfies never;
    }
  }

  function readFlag(key: string): boolean | undefined {
    const value = settings[key];
    if (value === undefined || typeof value === "boolean") return value;
    return wrong(key, "true or false");
  }

  function readTexts(key: string): readonly string[] | undefined {
    const value = settings[key];
    if (value === undefined) return undefined;
    const texts = Array.isArray(value) ? (value as readonly Json[]) : [value];
    return texts.every((it): it is string => typeof it === "string" && it !== "")
      ? texts
      : wrong(key, "a text or a list of texts");
  }

  function readText(key: string): string | undefined {
    const value = settings[key];
    return value === undefined || typeof value === "string" ? value : wrong(key, "a text");
  }

  /** A number alone is the upper end. */
  function readBounds(key: string): Bounds | undefined {
    const value = settings[key];
    if (value === undefined) return undefined;
    if (isCount(value)) return { max: value };
    if (!isJsonObject(value)) return wrong(key, "a number, or {min, max}");
    const { min, max, ...others } = value as { min?: Json; max?: Json };
    const fine = [min, max].every((it) => it === undefined || isCount(it)) && Object.keys(others).length === 0;
    if (!fine) return wrong(key, "a number, or {min, max}");
    return { ...(isCount(min) && { min }), ...(isCount(max) && { max }) };
  }

  function readLimits(): NonNullable<HoleSpec["limits"]> {
    if (limitKeys.every((key) => settings[key] === undefined)) return {}; // as most holes
    const found = {
      ...Object.fromEntries(boundKeys.map((key) => [key, readBounds(key)])),
      startsWith: readText("startsWith"),
      endsWith: readText("endsWith"),
      include: readTexts("include"),
      avoid: readTexts("avoid"),
    };
    return Object.fromEntries(Object.entries(found).filter(([, it]) => it !== undefined));
  }

  function readLevel(): HoleSpec["level"] {
    const value = settings["level"];
    const level = levels.find((it) => it === value);
    return value === undefined || level !== undefined ? level : wrong("level", "hard, check or prefer");
  }

  function readOnFail(): HoleSpec["onFail"] {
    const value = settings["onFail"];
    if (value === undefined) return undefined;
    const {
      retry = 2,
      then = "fail",
      ...others
    } = isJsonObject(value) ? (value as { retry?: Json; then?: Json }) : { then: 0 };
    if (!isCount(retry) || (then !== "fail" && then !== "keep") || 0 < Object.keys(others).length)
      return wrong("onFail", "{retry: how often, then: fail or keep}");
    return { retry, then };
  }
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
