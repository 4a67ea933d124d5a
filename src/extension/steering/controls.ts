/** The controls of the steering panel: where each of them stands, between which ends, and what can be chosen. */

import { isJsonObject, type Json } from "../../base/json.js";
import { audiences, languageName, languageOf, languages, tones } from "../../lang/guide/presets.js";
import { lengths } from "../../lang/guide/guide.js";
import { lengthTarget } from "../../lang/guide/lengthScore.js";
import type { AdapterFacts } from "../../protocol/adapter.js";
import type { TextLimits } from "../../protocol/constraint.js";
import type { ModelFacts } from "../../protocol/engine.js";
import type { SteeringControl, SteeringSectionId } from "../../protocol/steering.js";
import { misfit } from "./misfit.js";
import {
  NONE,
  splitId,
  textsOf,
  unmovedValue,
  vectorsOf,
  writtenValue,
  type Moves,
  type SamplingKey,
  type WrittenSteering,
} from "./moves.js";

/** What lies in the folders of adapters, and for which model. */
export interface KnownSteering {
  readonly adapters: readonly AdapterFacts[];
  /** Undefined while nobody knows. */
  readonly model: ModelFacts | undefined;
}

export interface ControlContext {
  readonly written: WrittenSteering;
  readonly moves: Moves;
  readonly known: KnownSteering;
}

export function controlsOf(section: SteeringSectionId, context: ControlContext): readonly SteeringControl[] {
  switch (section) {
    case "style":
      return [
        choice("tone", "Tone", presetOptions("tone", tones, context), context),
        choice("audience", "Audience", presetOptions("audience", audiences, context), context),
        choice("language", "Language", languageOptions(context), context),
        choice("length", "Length", lengthOptions(context), context),
        text("avoid", "Avoid", "words", false, context),
      ];
    case "guidance":
      return [
        strength(context),
        choice("emphasize", "Emphasise", emphasisOptions(context), context),
        text("negative", `Away from`, "what the answer should not be like", true, context),
      ];
    case "vectors":
      return vectorNames(context).map((it) => adapterControl("vector", it, context));
    case "adapters":
      return adapterNames(context).map((it) => adapterControl("adapter", it, context));
    case "sampling":
      return [
        number("temperature", "Temperature", { min: 0, max: 2, step: 0.1 }, context),
        number("topP", "Top-p", { min: 0, max: 1, step: 0.05 }, context),
        number("minP", "Min-p", { min: 0, max: 1, step: 0.05 }, context),
        number("repetitionPenalty", "Repeat", { min: 0.5, max: 2, step: 0.05 }, context),
        number("bestOf", "Best of", { min: 1, max: 16, step: 1 }, context),
        number("seed", "Seed", { min: 0, max: 2 ** 32 - 1, step: 1 }, context),
      ];
    default:
      return section satisfies never;
  }
}

// ------------------------------------------------------------------------------------------------ choices and texts

type Option = Extract<SteeringControl, { readonly kind: "choice" }>["options"][number];

function choice(id: string, label: string, options: readonly Option[], { moves }: ControlContext): SteeringControl {
  return { kind: "choice", id, label, options, value: String(moves[id] ?? ""), changed: id in moves };
}

/** The file's own words first; they can be taken away where there are any. */
function withWritten(words: string | undefined, options: readonly Option[]): readonly Option[] {
  const own = { value: "", label: words === undefined ? "as written" : `${words} (as written)` };
  return words === undefined ? [own, ...options] : [own, { value: NONE, label: "none" }, ...options];
}

function presetOptions(
  key: "tone" | "audience",
  presets: readonly { readonly id: string }[],
  { written }: ControlContext,
): readonly Option[] {
  const own = textOf(written.guide[key]);
  return withWritten(
    own,
    presets.filter(({ id }) => id !== own).map(({ id }) => ({ value: id, label: id })),
  );
}

function languageOptions({ written }: ControlContext): readonly Option[] {
  const own = textOf(written.guide["language"]);
  const code = own === undefined ? undefined : languageOf(own);
  const others = languages.filter((it) => it.code !== code).map((it) => ({ value: it.code, label: it.name }));
  return withWritten(code === undefined ? own : languageName(code), others);
}

function lengthOptions({ written }: ControlContext): readonly Option[] {
  const own = written.guide["length"];
  const preset = lengths.find((it) => it.id === own);
  const words = own === undefined ? undefined : (preset?.name ?? limitsInWords(own));
  const others = lengths.filter((it) => it !== preset).map(({ id, name }) => ({ value: id, label: name }));
  return withWritten(words?.toLowerCase(), others);
}

function limitsInWords(value: Json): string {
  if (!isJsonObject(value)) return textOf(value) ?? "other";
  const limits = Object.fromEntries(
    Object.entries(value).map(([unit, it]) => [unit, typeof it === "number" ? { max: it } : it]),
  );
  return lengthTarget(limits as TextLimits) ?? "other";
}

function emphasisOptions({ written: { guide, variables } }: ControlContext): readonly Option[] {
  const own = guide["emphasize"];
  const words = own === "instructions" ? "the instructions" : textsOf(own).join(", ");
  const each = variables.length < 2 ? [] : variables.map((it) => ({ value: `input:${it}`, label: `input ${it}` }));
  return withWritten(words === "" ? undefined : words, [
    { value: "instructions", label: "the instructions" },
    ...(variables.length === 0 ? [] : [{ value: "context", label: "the inputs" }]),
    ...each,
  ]);
}

function text(
  id: string,
  label: string,
  placeholder: string,
  isLong: boolean,
  { written, moves }: ControlContext,
): SteeringControl {
  const value = String(moves[id] ?? writtenValue(id, written));
  return { kind: "text", id, label, placeholder, isLong, value, changed: id in moves };
}

// ------------------------------------------------------------------------------------------------ numbers

const STRENGTHS = { min: 1, max: 3, step: 0.1 };
const VECTORS = { min: -1, max: 1, step: 0.05 };
const SCALES = { min: 0, max: 2, step: 0.05 };

interface Range {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** Ends that hold the file's own value too. */
function reaching({ min, max, step }: Range, ...values: readonly number[]): Range {
  return { min: Math.min(min, ...values), max: Math.max(max, ...values), step };
}

function strength({ written, moves }: ControlContext): SteeringControl {
  const own = Number(unmovedValue("strength", written, moves));
  const value = Number(moves["strength"] ?? own);
  const shown = value === 1 ? "off" : value.toFixed(1);
  const common = { id: "strength", label: "Strength", value, text: shown, changed: "strength" in moves } as const;
  return { kind: "slider", form: "strength", ...common, ...reaching(STRENGTHS, own, value) };
}

function number(
  id: SamplingKey | "bestOf",
  label: string,
  range: Range,
  { written, moves }: ControlContext,
): SteeringControl {
  const value = Number(moves[id] ?? writtenValue(id, written));
  return { kind: "number", id, label, value, changed: id in moves, ...range };
}

// ------------------------------------------------------------------------------------------------ vectors and adapters

/** Those of the file, those that were added, and all that lie here: a vector is tried before it is chosen. */
function vectorNames({ written, moves, known }: ControlContext): readonly string[] {
  const own = vectorsOf(written.guide).map((it) => it.name);
  const here = known.adapters.filter((it) => it.form === "control-vector").map((it) => it.name);
  return unique([...own, ...movedNames("vector", moves), ...here]);
}

/** Those of the file, those that were added, and those that cannot be: one should not have to search for the reason. */
function adapterNames({ written, moves, known: { adapters, model } }: ControlContext): readonly string[] {
  const own = written.adapters.map((it) => it.name);
  const misfits = adapters.filter((it) => it.form !== "control-vector" && misfit(it, model) !== undefined);
  return unique([...own, ...movedNames("adapter", moves), ...misfits.map((it) => it.name)]);
}

function movedNames(kind: "vector" | "adapter", moves: Moves): readonly string[] {
  return Object.keys(moves)
    .map(splitId)
    .flatMap(([of, name]) => (of === kind ? [name] : []));
}

function adapterControl(
  kind: "vector" | "adapter",
  name: string,
  { written, moves, known: { adapters, model } }: ControlContext,
): SteeringControl {
  const id = `${kind}:${name}`;
  const facts = adapters.find((it) => it.name === name && (it.form === "control-vector") === (kind === "vector"));
  const changed = id in moves;
  const why = facts && misfit(facts, model);
  if (why !== undefined) return { kind: "refused", id, label: name, changed, ...why };
  const own = Number(writtenValue(id, written));
  const value = Number(moves[id] ?? own);
  const range = reaching(kind === "vector" ? VECTORS : SCALES, own, value);
  const common = { kind: "slider", id, label: name, value, changed } as const;
  if (kind === "adapter")
    return { ...common, ...range, form: "scale", text: value === 0 ? "off" : value.toFixed(2).replace("-", "−") };
  const most = Math.max(-range.min, range.max);
  return { ...common, min: -most, max: most, step: range.step, form: "poles", text: signed(value), poles: poles(name) };
}

/** `gloomy-to-cheerful` names both ends; any other name is that of the upper one. */
function poles(name: string): readonly [string, string] {
  const [, from, to] = /^(.+?)[-_ ](?:to|vs)[-_ ](.+)$/i.exec(name) ?? [];
  return from === undefined ? [`less ${name}`, name] : [from, to!];
}

function signed(value: number): string {
  return value === 0 ? "0" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
