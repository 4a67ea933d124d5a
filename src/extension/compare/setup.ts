/** What is to be compared, as the user edits it: from the file's `tiller.compare`, and to a request. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { modelName } from "../../base/modelName.js";
import { fileName } from "../../compare/variantKey.js";
import { VARIANTS, type Variant, type VariantSettings } from "../../protocol/compare.js";
import type { AttentionChoice, CompareViewAction, InputKind, VariantView } from "../../protocol/compareView.js";
import type { ModelSpec, SamplingOptions } from "../../protocol/engine.js";
import { isOutside } from "../../protocol/outside.js";

/** Also what is remembered of it. */
export interface CompareSetup {
  readonly isOpen: boolean;
  readonly variants: readonly VariantDraft[];
  readonly editing: string | undefined;
  readonly baseline: string;
  readonly inputs: InputKind;
  /** The name of a test of the file. */
  readonly test: string | undefined;
  /** Absolute path of a table. */
  readonly rows: string | undefined;
  /** Absolute path of the judge prompt. */
  readonly judge: string | undefined;
  /** Path of the model that it is run on; empty: the model of the settings. */
  readonly judgeModel: string;
  /** Path of the model that outputs are scored under; empty: the model of the settings; undefined: none. */
  readonly likelihood: string | undefined;
  /** The output as it should be for the form's values; may be empty. */
  readonly reference: string;
  readonly repeats: number;
  readonly firstSeed: number;
  /** Those that the file lists, in place of the first one and those that follow. */
  readonly seeds: readonly number[] | undefined;
}

export interface VariantDraft {
  readonly id: string;
  readonly label: string;
  /** Path; empty: the model of the settings. */
  readonly model: string;
  readonly adapters: readonly { readonly name: string; readonly scale: number }[];
  /** The file's own adapters that are not named here are left out; else these are added to them. */
  readonly isAlone: boolean;
  /** Path of another version of the prompt; empty: the prompt itself. */
  readonly prompt: string;
  readonly guidance: number | undefined;
  readonly tone: string | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly attention: AttentionChoice;
  readonly attended: VariantView["attended"];
  /** What the file says beyond what can be edited here. */
  readonly more: VariantSettings;
}

export function startSetup(): CompareSetup {
  return {
    isOpen: true,
    variants: [plainVariant("a"), plainVariant("b")],
    editing: undefined,
    baseline: "a",
    inputs: "values",
    test: undefined,
    rows: undefined,
    judge: undefined,
    judgeModel: "",
    likelihood: undefined,
    reference: "",
    repeats: 1,
    firstSeed: 0,
    seeds: undefined,
  };
}

function plainVariant(id: string): VariantDraft {
  return {
    id,
    label: "",
    model: "",
    adapters: [],
    isAlone: false,
    prompt: "",
    guidance: undefined,
    tone: undefined,
    temperature: undefined,
    topP: undefined,
    attention: "",
    attended: {},
    more: {},
  };
}

/** What an older version kept lacks some of it. */
export function restoredSetup(kept: CompareSetup | undefined): CompareSetup {
  if (kept === undefined) return startSetup();
  return { ...startSetup(), ...kept, variants: kept.variants.map((it) => ({ ...plainVariant(it.id), ...it })) };
}

// ------------------------------------------------------------------------------------------------ the file

/** How a file's words become paths. */
export interface Named {
  readonly model: (name: string) => string;
  /** Another version of the prompt: `short` of `triage.prompt` is `triage.short.prompt`. */
  readonly prompt: (variant: string) => string;
}

/** Undefined where the file has no variants that can be compared. */
export function setupOfFile(compare: Json | undefined, setup: CompareSetup, named: Named): CompareSetup | undefined {
  if (!isJsonObject(compare) || !Array.isArray(compare["variants"])) return undefined;
  const listed = (compare["variants"] as readonly Json[]).filter(isJsonObject).slice(0, VARIANTS.max);
  if (listed.length < VARIANTS.min) return undefined;
  const variants = listed.map((it, i) => variantOfFile(it, String.fromCharCode(97 + i), named));
  const list = compare["seeds"];
  const seeds = (Array.isArray(list) ? (list as readonly Json[]) : []).filter((it) => typeof it === "number");
  const repeats = compare["repeat"] ?? (0 < seeds.length ? seeds.length : undefined);
  return {
    ...setup,
    variants,
    baseline: variants[0]!.id,
    editing: undefined,
    repeats: typeof repeats === "number" && 1 <= repeats ? Math.round(repeats) : setup.repeats,
    firstSeed: seeds[0] ?? setup.firstSeed,
    seeds: 1 < seeds.length ? seeds : undefined,
  };
}

function variantOfFile(entry: JsonObject, id: string, named: Named): VariantDraft {
  const { label, model, adapters, config, guide, attention, variant } = entry;
  const sampling = isJsonObject(config) ? config : {};
  const { temperature, topP, ...others } = sampling;
  const list = Array.isArray(adapters) ? (adapters as readonly Json[]) : [];
  const { strength, tone, ...guided } = isJsonObject(guide) ? guide : {};
  const { pattern, ...attended } = isJsonObject(attention) ? attention : {};
  const known = attentionChoices.find((it) => it !== "" && it === pattern);
  return {
    ...plainVariant(id),
    label: typeof label === "string" ? label : "",
    model: typeof model === "string" ? named.model(model) : "",
    isAlone: Array.isArray(adapters),
    adapters: list.flatMap((it) => {
      if (typeof it === "string") return [{ name: it, scale: 1 }];
      if (!isJsonObject(it)) return [];
      const name = it["uri"] ?? it["name"];
      const scale = it["scale"];
      return typeof name === "string" ? [{ name, scale: typeof scale === "number" ? scale : 1 }] : [];
    }),
    prompt: typeof variant === "string" ? named.prompt(variant) : "",
    guidance: typeof strength === "number" ? strength : undefined,
    tone: typeof tone === "string" ? tone : undefined,
    temperature: typeof temperature === "number" ? temperature : undefined,
    topP: typeof topP === "number" ? topP : undefined,
    attention: known ?? "",
    attended: known === undefined ? {} : (Object.fromEntries(Object.entries(attended).filter(isPlain)) as VariantDraft["attended"]), // prettier-ignore
    more: {
      ...(isJsonObject(guide) && { guide: guided }),
      ...(isJsonObject(attention) && known === undefined && { attention }),
      ...(0 < Object.keys(others).length && { sampling: others as SamplingOptions }),
    },
  };
}

export const attentionChoices: readonly AttentionChoice[] = ["", "auto", "dense", "streaming", "block-sparse"];

function isPlain([, value]: [string, Json]): boolean {
  return typeof value === "number" || typeof value === "boolean";
}

/** As it is written into a file's `tiller.compare`. `own` are the names of the file's adapters. */
export function fileOfSetup(setup: CompareSetup, own: readonly string[]): JsonObject {
  const { variants, repeats, firstSeed } = setup;
  const labels = variants.map(labelOf);
  return {
    variants: variants.map((it, i) => {
      const { sampling, guide, attention, prompt } = settingsOf(it, undefined, undefined, []);
      const isNamed = labels.indexOf(labels[i]!) === i;
      const before = it.isAlone ? [] : own.filter((name) => !it.adapters.some((one) => one.name === name));
      return {
        label: isNamed ? labels[i]! : `${labels[i]!} (${letterOf(i)})`,
        ...(it.model !== "" && { model: isOutside(it.model) ? it.model : fileName(it.model) }),
        ...((it.isAlone || 0 < it.adapters.length) && {
          adapters: [...before, ...it.adapters.map(({ name, scale }) => (scale === 1 ? name : { name, scale }))],
        }),
        ...(prompt !== undefined && { variant: versionOf(prompt.path) }),
        ...(sampling !== undefined && { config: sampling as JsonObject }),
        ...(guide !== undefined && { guide }),
        ...(attention !== undefined && { attention }),
      };
    }),
    repeat: repeats,
    seeds: [...(setup.seeds ?? [firstSeed])],
  };
}

// ------------------------------------------------------------------------------------------------ the request

/** `modelAt` is how a model is run by the settings, `guide` and `adapters` are the file's own. */
export function variantsOf(
  { variants }: CompareSetup,
  modelAt: (path: string) => ModelSpec,
  { guide, adapters }: { readonly guide: JsonObject | undefined; readonly adapters: readonly string[] },
): readonly Variant[] {
  return variants.map((it) => ({ id: it.id, label: labelOf(it), ...settingsOf(it, modelAt, guide, adapters) }));
}

export function seedsOf({ repeats, firstSeed, seeds }: CompareSetup): readonly number[] {
  const given = (seeds ?? [firstSeed]).slice(0, repeats);
  return [...given, ...Array.from({ length: repeats - given.length }, (_, i) => given.at(-1)! + 1 + i)];
}

function settingsOf(
  draft: VariantDraft,
  modelAt: ((path: string) => ModelSpec) | undefined,
  guide: JsonObject | undefined,
  own: readonly string[],
): VariantSettings {
  const {
    model: path,
    adapters,
    isAlone,
    prompt,
    guidance,
    tone,
    temperature,
    topP,
    attention,
    attended,
    more,
  } = draft;
  const left = isAlone ? own.filter((name) => !adapters.some((it) => it.name === name)) : [];
  const chosen = [...adapters, ...left.map((name) => ({ name, scale: 0 }))];
  const sampling = {
    ...more.sampling,
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
  };
  const said = { ...(tone !== undefined && { tone }), ...(guidance !== undefined && { strength: guidance }) };
  const guided = 0 < Object.keys(said).length ? { ...(more.guide ?? guide ?? {}), ...said } : more.guide;
  const seen = attention === "" ? more.attention : { pattern: attention, ...attended };
  return {
    ...(path !== "" && modelAt !== undefined && { model: isOutside(path) ? { path } : modelAt(path) }),
    ...(0 < chosen.length && { adapters: chosen }),
    ...(guided !== undefined && { guide: guided }),
    ...(0 < Object.keys(sampling).length && { sampling }),
    ...(seen !== undefined && { attention: seen }),
    ...(prompt !== "" && { prompt: { path: prompt } }),
  };
}

/** What it is called, or else what tells it from the others. */
export function labelOf(variant: VariantDraft): string {
  if (variant.label !== "") return variant.label;
  const version = variant.prompt === "" ? [] : [versionOf(variant.prompt)];
  const adapters = variant.adapters.map((it) => (it.scale === 1 ? it.name : `${it.name} ${it.scale}`));
  const parts = [...version, ...adapters];
  return parts.length === 0 ? modelLabel(variant.model) : parts.join(" + ");
}

function modelLabel(path: string): string {
  return path === "" ? "As in the file" : modelName(path);
}

/** `short` of `triage.short.prompt`. */
export function versionOf(path: string): string {
  return fileName(path).split(".").at(-2) ?? "";
}

export function whatOf(variant: VariantDraft): string {
  const { model, adapters, prompt, guidance, tone, temperature, topP, attention, attended } = variant;
  const seen = Object.entries(attended).map(([name, value]) => (value === true ? name : `${name} ${value}`));
  const parts = [
    ...(prompt === "" ? [] : [fileName(prompt)]),
    ...(model === "" ? [] : [modelName(model)]),
    ...(isOutside(model) ? ["leaves this machine", "form checked, not enforced", "seeds not kept"] : []),
    ...(0 < adapters.length ? adapters.map((it) => `${it.name} ${it.scale}`) : isOutside(model) ? [] : ["no adapter"]),
    ...(tone === undefined ? [] : [`${tone} tone`]),
    ...(guidance === undefined ? [] : [`guidance ${guidance}`]),
    ...(temperature === undefined ? [] : [`temperature ${temperature}`]),
    ...(topP === undefined ? [] : [`top p ${topP}`]),
    ...(attention === "" ? [] : [["attention", attention, ...seen].join(" ")]),
  ];
  return parts.join(" · ");
}

export function letterOf(index: number): string {
  return String.fromCharCode(65 + index);
}

// ------------------------------------------------------------------------------------------------ what the user does

/** Actions that concern the setup alone; any other leaves it as it is. */
export function withSetupAction(setup: CompareSetup, action: CompareViewAction): CompareSetup {
  switch (action.type) {
    case "openSetup":
      return setup.isOpen === action.isOpen ? setup : { ...setup, isOpen: action.isOpen };
    case "addVariant":
      return added(setup, (id) => plainVariant(id));
    case "addOutsideVariant":
      return setup; // once the model was chosen
    case "duplicateVariant": {
      const source = setup.variants.find((it) => it.id === action.id);
      return source === undefined ? setup : added(setup, (id) => ({ ...source, id, label: copyLabel(source) }));
    }
    case "removeVariant": {
      if (setup.variants.length <= VARIANTS.min) return setup;
      const variants = setup.variants.filter((it) => it.id !== action.id);
      const baseline = setup.baseline === action.id ? variants[0]!.id : setup.baseline;
      return { ...setup, variants, baseline, editing: undefined };
    }
    case "editVariant":
      return { ...setup, editing: action.id };
    case "changeVariant":
      return {
        ...setup,
        variants: setup.variants.map((it) => (it.id === action.id ? changed(it, action.change) : it)),
      };
    case "baseline":
      return { ...setup, baseline: action.id };
    case "inputs":
      return { ...setup, inputs: action.kind, test: action.test ?? setup.test };
    case "judges": {
      const { field, value } = action.change;
      const names = { prompt: "judge", model: "judgeModel", likelihood: "likelihood", reference: "reference" } as const;
      return { ...setup, [names[field]]: value };
    }
    case "repeats":
      return { ...setup, repeats: within(action.value, 1, 100), seeds: undefined };
    case "firstSeed":
      return { ...setup, firstSeed: within(action.value, 0, 2 ** 31), seeds: undefined };
    default:
      return setup;
  }
}

/** With a variant of this model; the same setup where there is no room for one more. */
export function withModelVariant(setup: CompareSetup, { path, label }: { path: string; label: string }): CompareSetup {
  return added(setup, (id) => ({ ...plainVariant(id), model: path, label }));
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.round(value)));
}

function copyLabel({ label }: VariantDraft): string {
  return label === "" ? "" : `${label}, copy`;
}

function added(setup: CompareSetup, make: (id: string) => VariantDraft): CompareSetup {
  if (VARIANTS.max <= setup.variants.length) return setup;
  const used = new Set(setup.variants.map((it) => it.id));
  const id = Array.from({ length: VARIANTS.max }, (_, i) => String.fromCharCode(97 + i)).find((it) => !used.has(it))!;
  return { ...setup, variants: [...setup.variants, make(id)], editing: id };
}

function changed(
  variant: VariantDraft,
  change: Extract<CompareViewAction, { readonly type: "changeVariant" }>["change"],
): VariantDraft {
  if (change.field === "attention") return { ...variant, attention: change.value, attended: {} };
  if (change.field === "attended") {
    const { [change.name]: _, ...others } = variant.attended;
    return { ...variant, attended: change.value === undefined ? others : { ...others, [change.name]: change.value } };
  }
  if (change.field !== "adapter") return { ...variant, [change.field]: change.value };
  const { name, scale } = change;
  const known = variant.adapters.some((it) => it.name === name);
  const adapters = known
    ? variant.adapters.flatMap((it) => (it.name !== name ? [it] : scale === undefined ? [] : [{ name, scale }]))
    : scale === undefined
      ? variant.adapters
      : [...variant.adapters, { name, scale }];
  return { ...variant, adapters };
}
