/** One shot as it is written, in YAML or on a line of JSON. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import type { Severity } from "../diagnostic.js";
import type { KeyPath } from "../frontMatter.js";
import { typeNames, typeOf } from "../frontMatterSchema.js";
import { nearest } from "../nearest.js";
import type { Shot } from "./shot.js";

export interface ShotProblem {
  /** Where, within the shot. */
  readonly path: KeyPath;
  /** It is the name of the key that is marked, and not its value. */
  readonly marksKey?: true;
  readonly severity: Severity;
  readonly message: string;
}

export interface ParsedShot {
  /** Undefined when it cannot be used at all. */
  readonly shot: Shot | undefined;
  readonly problems: readonly ShotProblem[];
}

const keys = ["input", "output", "tags", "when"];

export function parseShot(value: Json, index: number): ParsedShot {
  const problems: ShotProblem[] = [];
  const error = (path: KeyPath, message: string) => problems.push({ path, severity: "error", message });
  // A whole shot would be too much to mark.
  const missing = (key: string) => {
    const message = `expected an \`${key}\` in this shot`;
    problems.push({ path: Object.keys(value as JsonObject).slice(0, 1), marksKey: true, severity: "error", message });
  };
  if (!isJsonObject(value)) {
    error([], `expected a shot, {input, output}, found ${typeNames[typeOf(value)]}`);
    return { shot: undefined, problems };
  }
  for (const key of Object.keys(value)) {
    if (!keys.includes(key))
      problems.push({ path: [key], marksKey: true, severity: "warning", message: unknownKey(key) });
  }
  const { input, output = null, tags = [], when = {} } = value;
  if (input === undefined) missing("input");
  else if (typeof input !== "string" && !isJsonObject(input))
    error(["input"], `expected the prompt's variables or a text as \`input\`, found ${typeNames[typeOf(input)]}`);
  if (output === null) missing("output");
  const list: readonly Json[] = Array.isArray(tags) ? (tags as readonly Json[]) : [tags];
  if (!list.every((it) => typeof it === "string"))
    error(["tags"], `expected a list of texts as \`tags\`, found ${JSON.stringify(tags)}`);
  if (!isJsonObject(when)) error(["when"], `expected {variable: value} as \`when\`, found ${typeNames[typeOf(when)]}`);
  const texts = list.filter((it) => typeof it === "string");
  const shot = { index, input, output, tags: texts, when } as Shot;
  return { shot: problems.some((it) => it.severity === "error") ? undefined : shot, problems };
}

/** The variables that a shot speaks of, with their places in it. */
export function namedVariables({ input, when }: Shot): readonly (readonly ["input" | "when", string])[] {
  const given: JsonObject = typeof input === "string" ? {} : input;
  return [
    ...Object.keys(given).map((it) => ["input", it] as const),
    ...Object.keys(when).map((it) => ["when", it] as const),
  ];
}

function unknownKey(key: string): string {
  const near = nearest(key, keys);
  return `a shot has no key "${key}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
}
