/** What a comparison will write: its variants as they are run, its inputs, its seeds. What is wrong with the whole is said here. */

import { createHash } from "node:crypto";
import { resolve } from "node:path";

import { TillerError } from "../../base/error.js";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { fileName, variantKey, variantSummary } from "../../compare/variantKey.js";
import { lastStep, readAdapters } from "../../lang/adapters.js";
import { parseData } from "../../lang/data/parseData.js";
import { parse } from "../../lang/parser.js";
import { readTests, type PromptTest } from "../../lang/tests/promptTest.js";
import {
  VARIANTS,
  type ComparedVariant,
  type CompareInput,
  type CompareRequest,
  type Variant,
} from "../../protocol/compare.js";
import type { ModelSpec } from "../../protocol/engine.js";
import type { PromptFiles } from "../promptFiles.js";
import { withKeys } from "./withKeys.js";

export interface ComparePlan {
  readonly text: string;
  readonly hash: string;
  readonly variants: readonly PlannedVariant[];
  readonly inputs: readonly PlannedInput[];
  readonly seeds: readonly number[];
}

export interface PlannedVariant {
  readonly variant: Variant;
  readonly compared: ComparedVariant;
  readonly model: ModelSpec;
  /** Of its prompt. */
  readonly path: string;
  readonly text: string;
}

export interface PlannedInput extends CompareInput {
  /** Whose checks its outputs are put to. */
  readonly tests: readonly PromptTest[];
}

/** Throws `usage`, `file-not-found`, `file-unreadable` and `input-invalid`. */
export function planComparison(request: CompareRequest, files: PromptFiles): ComparePlan {
  checkVariants(request.variants);
  const text = request.text ?? files.read(request.path);
  return {
    text,
    hash: createHash("sha256").update(text).digest("hex").slice(0, 16),
    variants: request.variants.map((it) => plannedVariant(it, request, text, files)),
    inputs: plannedInputs(request, text, files),
    seeds: plannedSeeds(request),
  };
}

function checkVariants(variants: readonly Variant[]): void {
  const { min, max } = VARIANTS;
  if (variants.length < min || max < variants.length)
    throw new TillerError("usage", `A comparison has ${min} to ${max} variants, not ${variants.length}.`);
  const ids = new Set(variants.map((it) => it.id));
  if (ids.size < variants.length) throw new TillerError("usage", "Two variants have the same id. Each needs its own.");
}

function plannedVariant(variant: Variant, request: CompareRequest, own: string, files: PromptFiles): PlannedVariant {
  const { prompt, guide, attention } = variant;
  const path = prompt?.path ?? request.path;
  const source = prompt === undefined ? own : (prompt.text ?? files.read(path));
  const keys = { ...(guide && { "tiller.guide": guide }), ...(attention && { "tiller.attention": attention }) };
  const model = variant.model ?? request.model;
  const name = fileName(model.path);
  const adapters = adaptersOf(variant, source);
  const { id, label, ...settings } = variant;
  return {
    ...{ variant, model, path, text: withKeys(source, keys) },
    compared: {
      ...{ id, label, settings, adapters },
      model: name,
      key: variantKey(settings, precise(name, model), adapters),
      summary: variantSummary(settings, precise(name, model), adapters),
    },
  };
}

/** Precision changes what is written; threads and room do not. */
function precise(name: string, { precision }: ModelSpec): string {
  return precision === "exact" ? `${name} exact` : name;
}

/** Those of the file with the variant's scales, and those that it adds. */
function adaptersOf({ adapters: choices = [] }: Variant, text: string): ComparedVariant["adapters"] {
  const chosen = new Map(choices.map((it) => [it.name, it.scale ?? 1]));
  const own = readAdapters(parse(text).file).adapters.map(({ name, scale }) => {
    const choice = chosen.get(name);
    chosen.delete(name);
    return { name, scale: choice ?? scale };
  });
  const added = [...chosen].map(([name, scale]) => ({ name: lastStep(name) ?? name, scale }));
  return [...own, ...added].filter((it) => it.scale !== 0);
}

function plannedSeeds({ seeds = [0], repeats = seeds.length }: CompareRequest): readonly number[] {
  if (!Number.isSafeInteger(repeats) || repeats < 1)
    throw new TillerError("usage", `Inputs are written a whole number of times, 1 or more, not ${repeats}.`);
  const last = seeds.at(-1) ?? -1;
  return Array.from({ length: repeats }, (_, i) => seeds[i] ?? last + 1 + i - seeds.length);
}

function plannedInputs({ inputs, path }: CompareRequest, text: string, files: PromptFiles): readonly PlannedInput[] {
  const { file } = parse(text);
  const { tests } = readTests(file);
  const everywhere = tests.filter((it) => it.input === undefined);
  const cases = tests.filter((it) => it.input !== undefined);
  const chosen = inputs ?? (0 < cases.length ? { kind: "tests" as const } : { kind: "values" as const, values: {} });
  const row = (name: string, values: JsonObject, reference: string | undefined): PlannedInput => ({
    ...{ name, values, tests: everywhere },
    ...(reference !== undefined && { reference }),
  });
  switch (chosen.kind) {
    case "values":
      return [row("input", chosen.values, chosen.reference)];
    case "tests": {
      const names = chosen.names ?? cases.map((it) => it.name);
      if (names.length === 0)
        throw new TillerError("usage", `${path} has no tests with an input (tiller.tests). Give an input, or rows.`);
      return names.map((name) => {
        const test = cases.find((it) => it.name === name);
        if (test === undefined) throw new TillerError("usage", `There is no test "${name}" with an input in ${path}.`);
        const reference = test.assertions.find((it) => it.type === "similarity" && it.path === undefined)?.value;
        return {
          ...{ name, values: test.input!, tests: [...everywhere, test] },
          ...(typeof reference === "string" && { reference }),
        };
      });
    }
    case "rows":
      return chosen.rows.map((it, i) => row(it.name ?? `row ${i + 1}`, it.values, it.reference));
    case "file":
      return readRows(files.read(resolve(chosen.path)), chosen.path).map((it, i) =>
        row(it.name ?? `row ${i + 1}`, it.values, it.reference),
      );
    default:
      return chosen satisfies never;
  }
}

interface ReadRow {
  readonly name?: string;
  readonly values: JsonObject;
  readonly reference?: string;
}

/** JSON lines: values, or `{input: values, name?, reference?}`; or a table whose columns are the inputs. */
function readRows(text: string, path: string): readonly ReadRow[] {
  const rows = /\.[ct]sv$/i.test(path) ? tableRows(text, path) : lineRows(text, path);
  if (rows.length === 0) throw new TillerError("input-invalid", `${path} holds no rows.`);
  return rows;
}

/** Cells are texts; of a column `reference` they say how the output should be, of `name` how the row is called. */
function tableRows(text: string, path: string): readonly ReadRow[] {
  const parsed = parseData(path, text, {});
  if ("problem" in parsed) throw new TillerError("input-invalid", `${path}: ${parsed.problem}.`);
  return (parsed.value as readonly Readonly<Record<string, string>>[]).map(({ name, reference, ...values }) => ({
    values,
    ...(name !== undefined && { name }),
    ...(reference !== undefined && { reference }),
  }));
}

function lineRows(text: string, path: string): readonly ReadRow[] {
  return text.split("\n").flatMap((line, i): ReadRow[] => {
    if (line.trim() === "") return [];
    const wrong = (why: string) => new TillerError("input-invalid", `${path}:${i + 1}: ${why}.`);
    let value: Json;
    try {
      value = JSON.parse(line) as Json;
    } catch {
      throw wrong("this line is not JSON");
    }
    if (!isJsonObject(value)) throw wrong("expected an object of input values");
    const { input, name, reference } = value;
    if (!isJsonObject(input)) return [{ values: value }];
    return [
      {
        values: input,
        ...(typeof name === "string" && { name }),
        ...(typeof reference === "string" && { reference }),
      },
    ];
  });
}
