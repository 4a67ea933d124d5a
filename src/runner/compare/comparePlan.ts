/** What a comparison will write: its variants as they are run, its inputs, its seeds. What is wrong with the whole is said here. */

import { resolve } from "node:path";

import { TillerError } from "../../base/error.js";
import type { JsonObject } from "../../base/json.js";
import { canonical, fileName, variantKey, variantSummary } from "../../compare/variantKey.js";
import { lastStep, readAdapters } from "../../lang/adapters.js";
import type { PromptFile } from "../../lang/ast.js";
import { inputRows } from "../../lang/data/inputRows.js";
import { inputVariables } from "../../lang/inputs.js";
import { parse } from "../../lang/parser.js";
import { readTests, type PromptTest } from "../../lang/tests/promptTest.js";
import {
  VARIANTS,
  type ComparedVariant,
  type CompareInput,
  type CompareRequest,
  type InputRow,
  type Variant,
} from "../../protocol/compare.js";
import type { ModelSpec } from "../../protocol/engine.js";
import type { PromptFiles } from "../promptFiles.js";
import { promptHash } from "./promptHash.js";
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
  /** Why it cannot be run at all; the others can. */
  readonly problem?: TillerError;
}

export interface PlannedInput {
  /** As it stands in the result. */
  readonly input: CompareInput;
  readonly repeats: number;
  /** Whose checks its outputs are put to. */
  readonly tests: readonly PromptTest[];
}

/** Throws `usage`, `file-not-found`, `file-unreadable` and `input-invalid`. */
export function planComparison(request: CompareRequest, files: PromptFiles): ComparePlan {
  checkVariants(request.variants);
  const text = request.text ?? files.read(request.path);
  const chosen = chosenInputs(request, text, files);
  const seeds = request.again?.result.seeds ?? plannedSeeds(request, chosen);
  return {
    text,
    hash: promptHash(text),
    variants: request.variants.map((it) => plannedVariant(it, request, text, files)),
    inputs: chosen.map((it) => plannedInput(it, repeatsOf(request), seeds.length)),
    seeds,
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
  const source = prompt === undefined ? own : (prompt.text ?? readOr(files, path));
  const text = typeof source === "string" ? source : "";
  const keys = { ...(guide && { "tiller.guide": guide }), ...(attention && { "tiller.attention": attention }) };
  const model = variant.model ?? request.model;
  const name = fileName(model.path);
  const adapters = adaptersOf(variant, text);
  const { id, label, ...settings } = variant;
  return {
    ...{ variant, model, path, text: withKeys(text, keys) },
    ...(typeof source !== "string" && { problem: source }),
    compared: {
      ...{ id, label, settings, adapters },
      model: name,
      key: variantKey(settings, precise(name, model), adapters),
      summary: variantSummary(settings, precise(name, model), adapters),
    },
  };
}

function readOr(files: PromptFiles, path: string): string | TillerError {
  try {
    return files.read(path);
  } catch (error) {
    if (error instanceof TillerError) return error;
    throw error;
  }
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

/** As often as was asked for, and as often as a test wants. */
function plannedSeeds(request: CompareRequest, inputs: readonly ChosenInput[]): readonly number[] {
  const { seeds = [0] } = request;
  const repeats = repeatsOf(request);
  if (!Number.isSafeInteger(repeats) || repeats < 1)
    throw new TillerError("usage", `Inputs are written a whole number of times, 1 or more, not ${repeats}.`);
  const last = seeds.at(-1) ?? -1;
  const most = Math.max(repeats, ...inputs.flatMap(({ tests }) => tests.map((it) => it.repeat)));
  return Array.from({ length: most }, (_, i) => seeds[i] ?? last + 1 + i - seeds.length);
}

function repeatsOf({ repeats, seeds = [0] }: CompareRequest): number {
  return repeats ?? seeds.length;
}

interface ChosenInput {
  readonly input: CompareInput;
  readonly tests: readonly PromptTest[];
}

function plannedInput({ input: chosen, tests }: ChosenInput, repeats: number, seedCount: number): PlannedInput {
  const { repeats: given, ...input } = chosen;
  const own = given ?? Math.min(seedCount, Math.max(repeats, ...tests.map((it) => it.repeat)));
  const checked = tests.filter((it) => 0 < it.assertions.length);
  return {
    repeats: own,
    tests,
    input: {
      ...input,
      ...(own < seedCount && { repeats: own }),
      ...(0 < checked.length && { tests: checked.map(({ name, passRate }) => ({ name, passRate })) }),
    },
  };
}

function chosenInputs(
  { inputs, path, again }: CompareRequest,
  text: string,
  files: PromptFiles,
): readonly ChosenInput[] {
  const { file } = parse(text);
  const { tests } = readTests(file);
  const everywhere = tests.filter((it) => it.input === undefined);
  const cases = tests.filter((it) => it.input !== undefined);
  const chosen = inputs ?? (0 < cases.length ? { kind: "tests" as const } : { kind: "values" as const, values: {} });
  const row = (name: string, values: JsonObject, reference: string | undefined): ChosenInput => ({
    input: { name, values, ...(reference !== undefined && { reference }) },
    tests: everywhere,
  });
  // A test is known again by its name and its input: a row of a table may be called the same.
  if (again !== undefined)
    return again.result.inputs.map((whole): ChosenInput => {
      const { tests: _, ...input } = whole;
      const test = cases.find((it) => it.name === input.name && canonical(it.input!) === canonical(input.values));
      const repeats = input.repeats ?? again.result.seeds.length;
      return { input: { ...input, repeats }, tests: test === undefined ? everywhere : [...everywhere, test] };
    });
  switch (chosen.kind) {
    case "values":
      return [row("input", chosen.values, chosen.reference)];
    case "tests": {
      if (cases.length === 0)
        throw new TillerError("usage", `${path} has no tests with an input (tiller.tests). Give an input, or rows.`);
      const named = (name: string): PromptTest => {
        const test = cases.find((it) => it.name === name);
        if (test === undefined) throw new TillerError("usage", `There is no test "${name}" with an input in ${path}.`);
        return test;
      };
      return (chosen.names?.map(named) ?? cases).map((test) => {
        const { name } = test;
        const reference = test.assertions.find((it) => it.type === "similarity" && it.path === undefined)?.value;
        return {
          input: { name, values: test.input!, ...(typeof reference === "string" && { reference }) },
          tests: [...everywhere, test],
        };
      });
    }
    case "rows":
      return chosen.rows.map((it, i) => row(it.name ?? `row ${i + 1}`, it.values, it.reference));
    case "file":
      return readRows(files.read(resolve(chosen.path)), chosen.path, file).map((it, i) =>
        row(it.name ?? `row ${i + 1}`, it.values, it.reference),
      );
    default:
      return chosen satisfies never;
  }
}

function readRows(text: string, path: string, file: PromptFile): readonly InputRow[] {
  const schemas = Object.fromEntries((inputVariables(file) ?? []).map((it) => [it.name, it.schema]));
  const read = inputRows(path, text, schemas);
  if ("problem" in read) throw new TillerError("input-invalid", `${path}: ${read.problem}.`);
  return read.rows;
}
