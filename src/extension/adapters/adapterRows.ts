/** What the Adapters view says of each adapter. */

import type { AdapterEntry } from "../../lang/adapters.js";
import type { AdapterFacts, BrokenAdapter, FoundAdapters } from "../../protocol/adapter.js";

export interface AdapterRow {
  readonly path: string;
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** Lines of Markdown. */
  readonly tooltip: readonly string[];
  /** What a screen reader says. */
  readonly spoken: string;
  /** Which commands it has: `broken`, `unused` or `used`. */
  readonly state: "broken" | "unused" | "used";
  readonly icon: "warning" | "circle-outline" | "circle-filled" | "check";
  /** In the prompt that is open. */
  readonly scale?: number;
  /** A path that the editor can open, for dragging. */
  readonly weights?: string;
}

export interface RowContext {
  /** Adapters of the prompt that is open, by the path that each name means. */
  readonly used: ReadonlyMap<string, AdapterEntry>;
  readonly loaded: ReadonlySet<string>;
}

export function adapterRows({ adapters, broken }: FoundAdapters, context: RowContext): AdapterRow[] {
  return [...adapters.map((it) => rowOf(it, context)), ...broken.map(brokenRow)];
}

function rowOf(facts: AdapterFacts, { used, loaded }: RowContext): AdapterRow {
  const { path, name } = facts;
  const entry = used.get(path);
  const isLoaded = loaded.has(path);
  const isFile = facts.format === "gguf";
  const size = sizeText(facts.sizeBytes);
  const scale = entry === undefined ? [] : [`scale ${scaleText(entry.scale)}`];
  const description = [...scale, kindOf(facts), size, ...(isFile ? ["GGUF"] : [])].join(" · ");
  const state = isLoaded ? "in memory" : "not loaded";
  return {
    path,
    name,
    label: name,
    description,
    tooltip: tooltipOf(facts, state, entry),
    spoken: `${name}, ${description}, ${state}${entry === undefined ? "" : ", used by the open prompt"}`,
    state: entry === undefined ? "unused" : "used",
    icon: entry !== undefined ? "check" : isLoaded ? "circle-filled" : "circle-outline",
    weights: facts.weights,
    ...(entry && { scale: entry.scale }),
  };
}

function brokenRow({ path, name, problem }: BrokenAdapter): AdapterRow {
  const description = "cannot be used";
  return {
    path,
    name,
    label: name,
    description,
    tooltip: [literal(problem)],
    spoken: `${name}, ${description}: ${problem}`,
    state: "broken",
    icon: "warning",
  };
}

function tooltipOf(facts: AdapterFacts, state: string, entry: AdapterEntry | undefined): readonly string[] {
  const { description, baseModel, modules, layers, parameterCount, path } = facts;
  const where = modules.length === 0 ? "" : ` on ${modules.map(code).join(", ")}`;
  return [
    `**${literal(facts.name)}** (${state})`,
    ...(description === undefined ? [] : [literal(description)]),
    ...(entry === undefined ? [] : [`The open prompt uses it with the scale ${scaleText(entry.scale)}.`]),
    `Trained on ${baseModel === undefined ? "a model that its files do not name" : code(baseModel)}`,
    `${kindOf(facts)}${where}${layers === 0 ? "" : ` of ${layers} layers`}; ${parameterCount.toLocaleString("en")} parameters, ${sizeText(facts.sizeBytes)}`,
    code(path),
  ];
}

const forms: Readonly<Record<AdapterFacts["form"], string>> = {
  lora: "LoRA",
  dora: "DoRA",
  ia3: "IA3",
  "prompt-tuning": "prompt tuning",
  "prefix-tuning": "prefix tuning",
  bottleneck: "bottleneck",
  "control-vector": "control vector",
};

function kindOf({ form, rank, virtualTokens }: AdapterFacts): string {
  if (virtualTokens !== undefined) return `${forms[form]} of ${virtualTokens} positions`;
  if (rank === undefined) return forms[form];
  return `${forms[form]} of ${form === "bottleneck" ? "width" : "rank"} ${rank}`;
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Steps of the buttons add up to 0.30000000000000004. */
export function scaleText(scale: number): string {
  return String(Number(scale.toFixed(4)));
}

/** What files say is text: an image in it would be fetched from wherever it lies. */
function literal(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#+!|~&:-]/g, "\\$&");
}

/** A path may hold anything; it is shown as it is. */
function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}
