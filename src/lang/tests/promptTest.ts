/** `tiller.tests`: what a prompt should write for which input, as the runner takes it. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import type { PromptFile } from "../ast.js";
import type { Diagnostic } from "../diagnostic.js";
import { valueSpan, type KeyPath } from "../frontMatter.js";
import { typeNames, typeOf } from "../frontMatterSchema.js";
import { isCount } from "../isCount.js";
import { nearest } from "../nearest.js";
import { assertionTypes } from "./assertionTypes.js";

export interface PromptTest {
  readonly name: string;
  /** Undefined: its checks hold for every input. */
  readonly input?: JsonObject;
  /** How often it is written, each time with another seed; default 1. */
  readonly repeat: number;
  /** The part of the repeats that must pass; default 1. */
  readonly passRate: number;
  readonly assertions: readonly Assertion[];
}

export interface Assertion {
  readonly type: AssertionType;
  /** Of the value: names and indices with dots between them. Undefined: the whole output. */
  readonly path?: string;
  readonly value?: Json;
  /** From 0 to 1, of checks that are not just met or missed. */
  readonly threshold?: number;
}

export type AssertionType = (typeof assertionTypes)[number]["type"];

/** What is wrong counts as not said. */
export function readTests({ frontMatter }: Pick<PromptFile, "frontMatter">): {
  readonly tests: readonly PromptTest[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  if (frontMatter === undefined) return { tests: [], diagnostics };
  const list = frontMatter.value["tiller.tests"];
  const entries = Array.isArray(list) ? (list as readonly Json[]) : [];
  const tests = entries.map((it, i) =>
    readTest(it, i, (path, message) => {
      const at: KeyPath = ["tiller.tests", i, ...path];
      diagnostics.push({ code: "wrong-test", severity: "error", span: valueSpan(frontMatter, at), message });
      return undefined;
    }),
  );
  return { tests: tests.filter((it) => it !== undefined), diagnostics };
}

type Report = (path: KeyPath, message: string) => undefined;

function readTest(entry: Json, index: number, report: Report): PromptTest | undefined {
  if (!isJsonObject(entry))
    return report([], `expected {name, input, repeat, passRate, assert}, found ${typeNames[typeOf(entry)]}`);
  const { name = `test ${index + 1}`, input, repeat = 1, passRate = 1 } = entry;
  if (typeof name !== "string" || name === "") return report(["name"], 'expected a text for "name"');
  if (input !== undefined && !isJsonObject(input))
    return report(["input"], `expected values of variables for "input", found ${typeNames[typeOf(input)]}`);
  if (typeof repeat !== "number" || !Number.isSafeInteger(repeat) || repeat < 1)
    return report(["repeat"], 'expected a whole number from 1 up for "repeat"');
  if (typeof passRate !== "number" || !(0 <= passRate && passRate <= 1))
    return report(["passRate"], 'expected a number from 0 to 1 for "passRate"');
  const list = entry["assert"] ?? [];
  if (!Array.isArray(list)) return report(["assert"], `expected a list for "assert", found ${typeNames[typeOf(list)]}`);
  const assertions = (list as readonly Json[])
    .map((it, i) => readAssertion(it, (path, message) => report(["assert", i, ...path], message)))
    .filter((it) => it !== undefined);
  return { name, ...(input !== undefined && { input }), repeat, passRate, assertions };
}

function readAssertion(entry: Json, report: Report): Assertion | undefined {
  if (!isJsonObject(entry))
    return report([], `expected {type, path, value, threshold}, found ${typeNames[typeOf(entry)]}`);
  const { type, path, value, threshold } = entry;
  const known = assertionTypes.find((it) => it.type === type);
  if (known === undefined) {
    const names = assertionTypes.map((it) => it.type);
    const near = typeof type === "string" ? nearest(type, names) : undefined;
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    return report(["type"], `expected one of ${names.join(", ")} for "type"${hint}`);
  }
  if (path !== undefined && typeof path !== "string") return report(["path"], 'expected a text for "path"');
  if (threshold !== undefined && !(typeof threshold === "number" && 0 <= threshold && threshold <= 1))
    return report(["threshold"], 'expected a number from 0 to 1 for "threshold"');
  const problem = wrongValue(known, value);
  if (problem !== undefined) return report(value === undefined ? [] : ["value"], problem);
  return {
    type: known.type,
    ...(path !== undefined && { path }),
    ...(value !== undefined && { value }),
    ...(threshold !== undefined && { threshold }),
  };
}

function wrongValue(
  { type, value: kind }: (typeof assertionTypes)[number],
  value: Json | undefined,
): string | undefined {
  switch (kind) {
    case "none":
      return value === undefined ? undefined : `"${type}" takes no "value"`;
    case "any":
      return value === undefined ? `expected a "value" for "${type}"` : undefined;
    case "text":
      return typeof value === "string" && value !== "" ? undefined : `expected a text as the "value" of "${type}"`;
    case "regex":
      return typeof value === "string" && isRegex(value)
        ? undefined
        : `expected a regular expression as the "value" of "${type}"`;
    case "count":
      return isCount(value) ? undefined : `expected a whole number as the "value" of "${type}"`;
    case "object":
      return isJsonObject(value)
        ? undefined
        : `expected keys and values as the "value" of "${type}", such as {tone: formal}`;
    default:
      return kind satisfies never;
  }
}

function isRegex(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}
