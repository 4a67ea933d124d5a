/** One check of a test, made on what a prompt wrote. Nothing in here throws: what cannot be checked has not passed. */

import { runInNewContext } from "node:vm";

import { Ajv2020 } from "ajv/dist/2020.js";

import { messageOf } from "../../base/error.js";
import { isJsonObject, type Json } from "../../base/json.js";
import { checkPresets } from "../../lang/guide/checkPresets.js";
import type { Assertion } from "../../lang/tests/promptTest.js";
import type { TestVerdict } from "../../protocol/compare.js";
import { editDistance } from "./editDistance.js";

export interface Written {
  /** As people see it. */
  readonly text: string;
  /** The typed output. */
  readonly value: Json;
  /** The prompt's `output.schema`, as JSON Schema. */
  readonly outputSchema?: Json | undefined;
}

/** A similarity without a threshold. */
const NEAR = 0.8;
const PRESET_MET = 0.5;
/** An expression that backtracks for longer is given up. */
const REGEX_MS = 1000;

export function checkAssertion(assertion: Assertion, written: Written): TestVerdict {
  const { type, path, value } = assertion;
  const name = [
    type,
    ...(path === undefined ? [] : [path]),
    ...(value === undefined ? [] : [JSON.stringify(value)]),
  ].join(" ");
  const found = path === undefined ? written.value : valueAt(written.value, path);
  if (found === undefined) return { name, passed: false, result: `there is no ${path} in the output` };
  return { name, ...verdictOf(assertion, found, path === undefined ? written : { ...written, text: textOf(found) }) };
}

type Verdict = Omit<TestVerdict, "name">;

function verdictOf(assertion: Assertion, found: Json, { text: whole, outputSchema }: Written): Verdict {
  const { type, path, threshold } = assertion;
  const text = (path === undefined && typeof found === "string" ? found : whole).trim();
  const wanted = assertion.value;
  const expected = typeof wanted === "string" ? wanted : "";
  switch (type) {
    case "contains":
      return met(text.includes(expected), "found", "not found");
    case "not-contains":
      return met(!text.includes(expected), "not found", "found");
    case "starts-with":
      return met(text.startsWith(expected), "it does", `it begins with ${shown(text.slice(0, expected.length))}`);
    case "ends-with":
      return met(text.endsWith(expected), "it does", `it ends with ${shown(text.slice(-expected.length))}`);
    case "equals": {
      const isEqual = typeof wanted === "string" ? text === wanted.trim() : isSame(found, wanted!);
      return met(isEqual, "it is", `it is ${shown(typeof wanted === "string" ? text : found)}`);
    }
    case "regex":
      return matches(expected, text);
    case "json-valid":
      return validJson(found, text, path === undefined ? outputSchema : undefined);
    case "min-words":
    case "max-words":
      return counted(type, text.split(/\s+/u).filter((it) => it !== "").length, wanted as number, "words");
    case "min-chars":
    case "max-chars":
      return counted(type, [...text].length, wanted as number, "characters");
    case "preset":
      return presets(wanted!, text, threshold ?? PRESET_MET);
    case "similarity": {
      const score = 1 - editDistance(text, expected.trim());
      const passed = (threshold ?? NEAR) <= score;
      return { passed, score, result: `${score.toFixed(3)}, wanted ${(threshold ?? NEAR).toFixed(3)}` };
    }
    default:
      return type satisfies never;
  }
}

function met(passed: boolean, good: string, bad: string): Verdict {
  return { passed, result: passed ? good : bad };
}

function counted(
  type: "min-words" | "max-words" | "min-chars" | "max-chars",
  count: number,
  limit: number,
  what: string,
): Verdict {
  const passed = type.startsWith("min") ? limit <= count : count <= limit;
  return { passed, result: `${count} ${what}` };
}

/** In a context of its own, so that an expression that backtracks without end can be stopped. */
function matches(source: string, text: string): Verdict {
  try {
    const options = { timeout: REGEX_MS };
    const passed = runInNewContext("new RegExp(source, 'u').test(text)", { source, text }, options) === true;
    return met(passed, "it matches", "nothing matches");
  } catch (error) {
    const reason = messageOf(error);
    return { passed: false, result: `the expression could not be checked: ${reason}` };
  }
}

function validJson(found: Json, text: string, schema: Json | undefined): Verdict {
  let value = found;
  if (typeof found === "string") {
    try {
      value = JSON.parse(text) as Json;
    } catch {
      return { passed: false, result: "it is not JSON" };
    }
  }
  if (schema === undefined || !(isJsonObject(schema) || typeof schema === "boolean"))
    return { passed: true, result: "it is JSON" };
  try {
    const validate = new Ajv2020({ strict: false, validateSchema: false, validateFormats: false }).compile(schema);
    if (validate(value)) return { passed: true, result: "it fits the schema" };
    const [first] = validate.errors ?? [];
    return { passed: false, result: `${first?.instancePath || "the value"} ${first?.message ?? "is not valid"}` };
  } catch (error) {
    const reason = messageOf(error);
    return { passed: false, result: `the schema could not be checked: ${reason}` };
  }
}

function presets(wanted: Json, text: string, threshold: number): Verdict {
  const asked = isJsonObject(wanted) ? wanted : {};
  const checks = checkPresets(asked, text);
  if (checks.length === 0) return { passed: false, result: "nothing of it can be measured in this text" };
  const score = Math.min(...checks.map((it) => it.score));
  const result = checks.map((it) => `${it.control} ${it.target}: ${it.result}`).join("; ");
  return { passed: threshold <= score, score, result };
}

/** `items.0.name`; undefined where there is nothing. */
function valueAt(value: Json, path: string): Json | undefined {
  let at: Json | undefined = value;
  for (const step of path.split(".")) {
    if (Array.isArray(at)) at = (at as readonly Json[])[Number(step)];
    else if (isJsonObject(at) && Object.hasOwn(at, step)) at = at[step];
    else return undefined;
  }
  return at;
}

function isSame(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((it: Json, i) => isSame(it, b[i] as Json));
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((it) => Object.hasOwn(b, it) && isSame(a[it]!, b[it]!));
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
