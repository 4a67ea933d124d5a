/**
 * What the files of models and adapters say of themselves: heads, configurations, the author's own words. Any of it may be
 * damaged or missing; then less is said.
 */

import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import { gguf } from "@huggingface/gguf";

import { messageOf } from "../base/error.js";
import type { ArtefactFacts } from "../lang/editor/artefact.js";

type Facts = readonly (readonly [string, string])[];

/** `path` is a GGUF file, or a folder with an `adapter_config.json`. Never rejects. */
export async function artefactFacts(path: string): Promise<ArtefactFacts> {
  try {
    return statSync(path).isDirectory() ? folderFacts(path) : await ggufFacts(path);
  } catch (error) {
    const problem = `It cannot be read: ${messageOf(error)}`;
    return { path, sizeBytes: undefined, facts: [], problem };
  }
}

/** In a word or two, for a list of offers. Undefined where the folder says nothing. */
export function adapterDetail(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? formOf(readConfig(path)) : "GGUF";
  } catch {
    return undefined; // the hover says what is wrong with it
  }
}

// ------------------------------------------------------------------------------------------------ PEFT

type Config = Readonly<Record<string, unknown>>;

function readConfig(folder: string): Config {
  return JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8")) as Config;
}

function folderFacts(folder: string): ArtefactFacts {
  const config = readConfig(folder);
  const weights = ["adapter_model.safetensors", "adapter.safetensors"]
    .map((it) => statSync(join(folder, it), { throwIfNoEntry: false }))
    .find((it) => it !== undefined);
  const base = textOf(config["base_model_name_or_path"]);
  const readme = readText(join(folder, "README.md"));
  const summary = firstParagraph(readme);
  const trained = trainedOn(folder, readme);
  return {
    path: folder,
    sizeBytes: weights?.size,
    ...(summary !== undefined && { summary }),
    facts: [
      ...fact("form", formOf(config)),
      ...fact("for", base),
      ...fact("acts on", modulesOf(config["target_modules"])),
      ...fact("trained on", trained),
    ],
    ...(weights === undefined && { problem: "Its file of weights is missing." }),
  };
}

/** `LoRA, rank 8, alpha 16` */
function formOf(config: Config): string | undefined {
  const type = textOf(config["peft_type"]);
  if (type === undefined) return textOf(config["architecture"]); // as the library Adapters writes it
  const name = type === "LORA" ? (config["use_dora"] === true ? "DoRA" : "LoRA") : type.toLowerCase().replace("_", " ");
  const number = (key: string, label: string) => (typeof config[key] === "number" ? [`${label} ${config[key]}`] : []);
  return [
    name,
    ...number("r", "rank"),
    ...number("lora_alpha", "alpha"),
    ...number("num_virtual_tokens", "virtual tokens"),
  ].join(", ");
}

function modulesOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return Array.isArray(value) && 0 < value.length ? value.map(String).sort().join(", ") : undefined;
}

/** The data sets that a model card names, and else the examples that lie beside the weights. */
function trainedOn(folder: string, readme: string): string | undefined {
  const [, listed] = /^---\n[^]*?^datasets:((?:\n *- .*)+|.*)[^]*?\n---/m.exec(readme) ?? [];
  const named = (listed ?? "").split(/\n *- |[[\],]/).map((it) => it.trim()).filter((it) => it !== ""); // prettier-ignore
  if (0 < named.length) return named.join(", ");
  const examples = readText(join(folder, "train.jsonl"));
  const rows = examples.split("\n").filter((it) => it.trim() !== "").length;
  return rows === 0 ? undefined : `train.jsonl, ${rows} examples`;
}

const MOST_WORDS = 300;

/** Of a README, without the head of a model card and without headings. */
function firstParagraph(readme: string): string | undefined {
  const paragraphs = readme.replace(/^---\n[^]*?\n---\n/, "").split(/\n\s*\n/);
  return paragraphs
    .map((it) => it.replace(/^#.*\n?/gm, "").trim())
    .find((it) => /^\w/.test(it))
    ?.slice(0, MOST_WORDS);
}

// ------------------------------------------------------------------------------------------------ GGUF

async function ggufFacts(path: string): Promise<ArtefactFacts> {
  const sizeBytes = statSync(path).size;
  const { metadata, tensorInfos } = (await gguf(path, { allowLocalFile: true })) as unknown as {
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly tensorInfos: readonly { readonly shape: readonly bigint[]; readonly dtype: number }[];
  };
  const text = (key: string) => textOf(metadata[key]);
  const number = (key: string) =>
    ["number", "bigint"].includes(typeof metadata[key]) ? Number(metadata[key]) : undefined;
  const architecture = text("general.architecture") ?? "unknown";
  const weights = tensorInfos.reduce((sum, it) => sum + it.shape.reduce((product, one) => product * Number(one), 1), 0);
  const isAdapter = text("general.type") === "adapter" || architecture === "controlvector";
  const context = number(`${architecture}.context_length`);
  const summary = text("general.description");
  const facts: Facts = isAdapter
    ? [
        ...fact("form", architecture === "controlvector" ? "control vector" : text("adapter.type")),
        ...fact("alpha", number("adapter.lora.alpha")?.toString()),
        ...fact("for", text("general.base_model.0.name") ?? text("controlvector.model_hint")),
      ]
    : [
        ...fact("called", text("general.name")),
        ...fact("architecture", architecture),
        ...fact(
          "weights",
          weights === 0 ? undefined : `${countText(weights)}, ${bitsOf(sizeBytes, weights)} bits each`,
        ),
        ...fact("layers", number(`${architecture}.block_count`)?.toString()),
        ...fact("context", context === undefined ? undefined : `${context.toLocaleString("en")} tokens`),
        ...fact("base", text("general.base_model.0.name")),
      ];
  const others: Facts = [
    ...fact("trained on", datasets(metadata)),
    ...fact("languages", listOf(metadata["general.languages"])),
    ...fact("license", text("general.license")),
  ];
  return { path, sizeBytes, ...(summary !== undefined && { summary }), facts: [...facts, ...others] };
}

/** Newer files give each data set its own keys. */
function datasets(metadata: Readonly<Record<string, unknown>>): string | undefined {
  const count = Number(metadata["general.dataset.count"] ?? 0);
  const names = Array.from({ length: Math.min(count, 8) }, (_, i) => textOf(metadata[`general.dataset.${i}.name`]));
  const known = names.filter((it) => it !== undefined);
  return 0 < known.length ? known.join(", ") : listOf(metadata["general.datasets"]);
}

function bitsOf(sizeBytes: number, weights: number): string {
  return ((sizeBytes * 8) / weights).toFixed(1);
}

/** `135 M` */
function countText(count: number): string {
  return 1e9 <= count ? `${(count / 1e9).toPrecision(3)} G` : `${Math.round(count / 1e6)} M`;
}

// ------------------------------------------------------------------------------------------------ both

function fact(label: string, value: string | undefined): Facts {
  return value === undefined || value === "" ? [] : [[label, value]];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listOf(value: unknown): string | undefined {
  return Array.isArray(value) && 0 < value.length ? value.slice(0, 8).map(String).join(", ") : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // most have none
  }
}

/** The name by which a prompt uses the adapter at `path`. */
export function adapterName(path: string): string {
  return basename(path).replace(/(?:\.lora|\.control-vector)?\.gguf$/i, "");
}
