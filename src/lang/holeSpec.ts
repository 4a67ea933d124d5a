/** What a hole may hold, from its short form in the body and from `tiller.gen` in the front matter. */

import { isJsonObject, type Json, type JsonObject } from "../base/json.js";
import type { Span } from "../base/text.js";
import type { HoleConstraint, HoleSpec } from "./hole.js";

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
const ownKeys = ["stop", "tokens", "hidden"];
/** Known, and kept in `other` until the runner can do them. */
const laterKeys = [
  "words",
  "sentences",
  "chars",
  "stopBefore",
  "startsWith",
  "endsWith",
  "include",
  "avoid",
  "scores",
  "level",
  "onFail",
];
export const holeKeys: readonly string[] = [...constraintKeys, ...samplingKeys, ...ownKeys, ...laterKeys];

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
  const stop = readStop();
  const tokens = readTokens();
  const hidden = settings["hidden"];
  if (hidden !== undefined && typeof hidden !== "boolean") wrong("hidden", "true or false");
  const pick = (keys: readonly string[]) =>
    Object.fromEntries(Object.entries(settings).filter(([key]) => keys.includes(key)));
  const config = pick(samplingKeys);
  const unknown = Object.keys(settings).filter((it) => !holeKeys.includes(it));
  for (const key of unknown) problems.push({ code: "unknown-key", key, message: `a hole has no setting "${key}"` });
  const other = pick([...laterKeys, ...unknown]);
  const hole = {
    name,
    span,
    ...(constraint && { constraint }),
    ...(stop && { stop }),
    ...(tokens && { tokens }),
    ...(0 < Object.keys(config).length && { config }),
    ...(hidden === true && { hidden }),
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

  function readStop(): readonly string[] | undefined {
    const value = settings["stop"];
    if (value === undefined) return undefined;
    const texts = Array.isArray(value) ? (value as readonly Json[]) : [value];
    return texts.every((it): it is string => typeof it === "string" && it !== "")
      ? texts
      : wrong("stop", "a text or a list of texts");
  }

  function readTokens(): HoleSpec["tokens"] | undefined {
    const value = settings["tokens"];
    if (value === undefined) return undefined;
    if (isCount(value)) return { max: value };
    if (!isJsonObject(value)) return wrong("tokens", "a number, or {min, max}");
    const { min, max } = value as { min?: Json; max?: Json };
    const fine = [min, max].every((it) => it === undefined || isCount(it));
    if (!fine) return wrong("tokens", "a number, or {min, max}");
    return { ...(isCount(min) && { min }), ...(isCount(max) && { max }) };
  }
}

function isCount(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isInteger(value) && 0 <= value;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
