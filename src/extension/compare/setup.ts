/** What is to be compared, as the user edits it: from the file's `tiller.compare`, and to a request. */

import { isJsonObject, type Json, type JsonObject } from "../../base/json.js";
import { fileName } from "../../compare/variantKey.js";
import { VARIANTS, type Variant, type VariantSettings } from "../../protocol/compare.js";
import type { CompareViewAction, InputKind, VariantView } from "../../protocol/compareView.js";
import type { ModelSpec, SamplingOptions } from "../../protocol/engine.js";

/** Also what is remembered of it. */
export interface CompareSetup {
  readonly isOpen: boolean;
  readonly variants: readonly VariantDraft[];
  readonly editing: string | undefined;
  readonly baseline: string;
  readonly inputs: InputKind;
  /** Absolute path of a table. */
  readonly rows: string | undefined;
  readonly repeats: number;
  readonly firstSeed: number;
}

export interface VariantDraft {
  readonly id: string;
  readonly label: string;
  /** Path; empty: the model of the settings. */
  readonly model: string;
  readonly adapters: readonly { readonly name: string; readonly scale: number }[];
  readonly guidance: number | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly attention: VariantView["attention"];
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
    rows: undefined,
    repeats: 1,
    firstSeed: 0,
  };
}

function plainVariant(id: string): VariantDraft {
  return {
    id,
    label: "",
    model: "",
    adapters: [],
    guidance: undefined,
    temperature: undefined,
    topP: undefined,
    attention: "",
    more: {},
  };
}

// ------------------------------------------------------------------------------------------------ the file

/** Undefined where the file has no variants that can be compared. `modelOf` finds a model's path by what the file calls it. */
export function setupOfFile(
  compare: Json | undefined,
  setup: CompareSetup,
  modelOf: (name: string) => string,
): CompareSetup | undefined {
  if (!isJsonObject(compare) || !Array.isArray(compare["variants"])) return undefined;
  const listed = (compare["variants"] as readonly Json[]).filter(isJsonObject).slice(0, VARIANTS.max);
  if (listed.length < VARIANTS.min) return undefined;
  const variants = listed.map((it, i) => variantOfFile(it, String.fromCharCode(97 + i), modelOf));
  const seeds = compare["seeds"];
  const first = Array.isArray(seeds) ? (seeds as readonly Json[])[0] : undefined;
  const repeats = compare["repeat"] ?? (Array.isArray(seeds) ? seeds.length : undefined);
  return {
    ...setup,
    variants,
    baseline: variants[0]!.id,
    editing: undefined,
    repeats: typeof repeats === "number" && 1 <= repeats ? Math.round(repeats) : setup.repeats,
    firstSeed: typeof first === "number" ? first : setup.firstSeed,
  };
}

function variantOfFile(entry: JsonObject, id: string, modelOf: (name: string) => string): VariantDraft {
  const { label, model, adapters, config, guide, attention } = entry;
  const sampling = isJsonObject(config) ? config : {};
  const { temperature, topP, ...others } = sampling;
  const list = Array.isArray(adapters) ? (adapters as readonly Json[]) : [];
  const guidance = isJsonObject(guide) ? guide["strength"] : undefined;
  const pattern = isJsonObject(attention) ? attention["pattern"] : undefined;
  return {
    ...plainVariant(id),
    label: typeof label === "string" ? label : "",
    model: typeof model === "string" ? modelOf(model) : "",
    adapters: list.flatMap((it) => {
      if (typeof it === "string") return [{ name: it, scale: 1 }];
      if (!isJsonObject(it)) return [];
      const name = it["name"] ?? it["uri"];
      const scale = it["scale"];
      return typeof name === "string" ? [{ name, scale: typeof scale === "number" ? scale : 1 }] : [];
    }),
    guidance: typeof guidance === "number" ? guidance : undefined,
    temperature: typeof temperature === "number" ? temperature : undefined,
    topP: typeof topP === "number" ? topP : undefined,
    attention: pattern === "dense" || pattern === "streaming" ? pattern : "",
    more: {
      ...(isJsonObject(guide) && { guide }),
      ...(isJsonObject(attention) && { attention }),
      ...(0 < Object.keys(others).length && { sampling: others as SamplingOptions }),
    },
  };
}

/** As it is written into a file's `tiller.compare`. */
export function fileOfSetup({ variants, repeats, firstSeed }: CompareSetup): JsonObject {
  return {
    variants: variants.map((it) => {
      const { sampling, guide, attention } = settingsOf(it, undefined, undefined);
      return {
        label: labelOf(it),
        ...(it.model !== "" && { model: fileName(it.model) }),
        ...(0 < it.adapters.length && {
          adapters: it.adapters.map(({ name, scale }) => (scale === 1 ? name : { name, scale })),
        }),
        ...(sampling !== undefined && { config: sampling as JsonObject }),
        ...(guide !== undefined && { guide }),
        ...(attention !== undefined && { attention }),
      };
    }),
    repeat: repeats,
    seeds: [firstSeed],
  };
}

// ------------------------------------------------------------------------------------------------ the request

/** `model` is that of the settings, `guide` the file's own. */
export function variantsOf(
  { variants }: CompareSetup,
  model: ModelSpec,
  guide: JsonObject | undefined,
): readonly Variant[] {
  return variants.map((it) => ({ id: it.id, label: labelOf(it), ...settingsOf(it, model, guide) }));
}

function settingsOf(
  { model: path, adapters, guidance, temperature, topP, attention, more }: VariantDraft,
  model: ModelSpec | undefined,
  guide: JsonObject | undefined,
): VariantSettings {
  const sampling = {
    ...more.sampling,
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
  };
  const guided = guidance === undefined ? more.guide : { ...(more.guide ?? guide ?? {}), strength: guidance };
  const attended = attention === "" ? more.attention : { ...more.attention, pattern: attention };
  return {
    ...(path !== "" && model !== undefined && { model: { ...model, path } }),
    ...(0 < adapters.length && { adapters }),
    ...(guided !== undefined && { guide: guided }),
    ...(0 < Object.keys(sampling).length && { sampling }),
    ...(attended !== undefined && { attention: attended }),
  };
}

/** What it is called, or else what tells it from the others. */
export function labelOf(variant: VariantDraft): string {
  if (variant.label !== "") return variant.label;
  if (variant.adapters.length === 0) return modelLabel(variant.model);
  return variant.adapters.map((it) => (it.scale === 1 ? it.name : `${it.name} ${it.scale}`)).join(" + ");
}

function modelLabel(path: string): string {
  return path === "" ? "As in the file" : fileName(path).replace(/\.gguf$/i, "");
}

export function whatOf({ model, adapters, guidance, temperature, topP, attention }: VariantDraft): string {
  const parts = [
    ...(model === "" ? [] : [fileName(model).replace(/\.gguf$/i, "")]),
    ...(adapters.length === 0 ? ["no adapter"] : adapters.map((it) => `${it.name} ${it.scale}`)),
    ...(guidance === undefined ? [] : [`guidance ${guidance}`]),
    ...(temperature === undefined ? [] : [`temperature ${temperature}`]),
    ...(topP === undefined ? [] : [`top p ${topP}`]),
    ...(attention === "" ? [] : [`attention ${attention}`]),
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
      return { ...setup, inputs: action.kind };
    case "repeats":
      return { ...setup, repeats: within(action.value, 1, 100) };
    case "firstSeed":
      return { ...setup, firstSeed: within(action.value, 0, 2 ** 31) };
    default:
      return setup;
  }
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
