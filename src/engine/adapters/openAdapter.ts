/** An adapter's path -> its opened files, whatever its format. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";

import { TillerError } from "../../base/error.js";
import type { AdapterFacts, FoundAdapters, BrokenAdapter } from "../../protocol/adapter.js";
import { openSafetensors, type SafetensorsFile } from "../safetensors/safetensorsFile.js";
import type { AdaptedModel, Adapter, AdapterSource } from "./adapter.js";
import { bottleneckFacts, loadBottleneck } from "./adapterHub.js";
import { readConfig, textOf, type Config } from "./config.js";
import { openGgufAdapter } from "./ggufAdapter.js";
import { loadLora, loraFacts } from "./peftLora.js";
import {
  ia3Facts,
  loadIa3,
  loadPrefixTuning,
  loadPromptTuning,
  prefixTuningFacts,
  promptTuningFacts,
} from "./peftVectors.js";
import { unsupported } from "./problems.js";

interface FormReader {
  readonly facts: (config: Config, file: SafetensorsFile) => AdapterFacts;
  readonly load: (facts: AdapterFacts, config: Config, file: SafetensorsFile, model: AdaptedModel) => Adapter;
}

const promptTuning: FormReader = { facts: promptTuningFacts, load: loadPromptTuning };

/** By PEFT's `peft_type`. What p-tuning's encoder made is saved as the vectors of prompt tuning. */
const peftForms: Readonly<Record<string, FormReader>> = {
  LORA: { facts: loraFacts, load: loadLora },
  IA3: { facts: ia3Facts, load: loadIa3 },
  PROMPT_TUNING: promptTuning,
  P_TUNING: promptTuning,
  PREFIX_TUNING: { facts: prefixTuningFacts, load: loadPrefixTuning },
};

/** Files of Python's pickle: reading one can run a program that is hidden in it. */
const pickles = new Set([".bin", ".pt", ".pth", ".ckpt", ".pkl"]);

/** Rejects with `adapter-not-found`, `adapter-corrupt`, `adapter-unsupported` or `file-unreadable`. */
export async function openAdapter(path: string): Promise<AdapterSource> {
  if (!existsSync(path))
    throw new TillerError(
      "adapter-not-found",
      `There is no adapter at ${path}. Check the path; it is a folder or a GGUF file.`,
    );
  if (statSync(path).isDirectory()) return openFolder(path);
  const ending = extname(path).toLowerCase();
  if (pickles.has(ending)) throw pickled(path);
  if (ending === ".safetensors" || ending === ".json") return openFolder(dirname(path));
  return withDescription(await openGgufAdapter(path), dirname(path));
}

function openFolder(folder: string): AdapterSource {
  const configPath = join(folder, "adapter_config.json");
  if (!existsSync(configPath)) {
    throw new TillerError(
      "adapter-not-found",
      `${folder} is not an adapter: it has no adapter_config.json. Name a folder that PEFT or AdapterHub wrote, or a GGUF file.`,
    );
  }
  const config = readConfig(configPath);
  const { reader, weights } = readerOf(config);
  const path = join(folder, weights);
  if (!existsSync(path)) throw withoutWeights(folder, path);
  const file = openSafetensors(path);
  try {
    const facts = reader.facts(config, file);
    const source = {
      facts,
      load: (model: AdaptedModel) => reader.load(facts, config, file, model),
      close: () => file.close(),
    };
    return withDescription(source, folder);
  } catch (error) {
    file.close();
    throw error;
  }
}

function readerOf(config: Config): { readonly reader: FormReader; readonly weights: string } {
  const type = textOf(config, "peft_type");
  if (type === undefined && "model_class" in config.values)
    return { reader: { facts: bottleneckFacts, load: loadBottleneck }, weights: "adapter.safetensors" };
  const reader = peftForms[type ?? ""];
  if (reader !== undefined) return { reader, weights: "adapter_model.safetensors" };
  const known = `${Object.keys(peftForms).join(", ")} and AdapterHub's bottlenecks`;
  throw unsupported(config.path, `describes an adapter of the type "${type ?? "none"}". These can be run: ${known}`);
}

function withoutWeights(folder: string, path: string): TillerError {
  const pickle = readdirSync(folder).find((it) => pickles.has(extname(it)));
  if (pickle !== undefined) return pickled(join(folder, pickle));
  return new TillerError("adapter-corrupt", `${path} is missing. The adapter is not whole; save or download it again.`);
}

function pickled(path: string): TillerError {
  return unsupported(
    path,
    "is a pickle file, which is not opened: reading one can run a program that is hidden in it. Save the adapter again " +
      "as safetensors (PEFT does so by default: save_pretrained(folder))",
  );
}

function withDescription(source: AdapterSource, folder: string): AdapterSource {
  const description = source.facts.description ?? firstParagraph(join(folder, "README.md"));
  return description === undefined ? source : { ...source, facts: { ...source.facts, description } };
}

/** The first paragraph that is neither a heading nor front matter. */
function firstParagraph(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, "utf8").replace(/^---\n[^]*?\n---\n/, "");
  return text
    .split(/\n\s*\n/)
    .map((it) => it.trim())
    .find((it) => it !== "" && !it.startsWith("#"))
    ?.replace(/\s+/g, " ");
}

/** What there is in a folder of adapters, or the one adapter that `path` is. Reads heads only. */
export async function listAdapters(path: string): Promise<FoundAdapters> {
  const adapters: AdapterFacts[] = [];
  const broken: BrokenAdapter[] = [];
  for (const it of candidates(path)) {
    try {
      const source = await openAdapter(it);
      source.close();
      adapters.push(source.facts);
    } catch (error) {
      if (!(error instanceof TillerError)) throw error;
      broken.push({ path: it, name: basename(it), problem: error.message });
    }
  }
  return { adapters, broken };
}

function candidates(path: string): string[] {
  if (!existsSync(path)) throw new TillerError("adapter-not-found", `There is no folder at ${path}.`);
  if (!statSync(path).isDirectory() || isAdapterFolder(path)) return [path];
  const found: string[] = [];
  for (const name of readdirSync(path).sort()) {
    const below = join(path, name);
    if (name.toLowerCase().endsWith(".gguf")) found.push(below);
    else if (statSync(below, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    else found.push(...(isAdapterFolder(below) ? [below] : []), ...ggufFilesOf(below));
  }
  return found;
}

function isAdapterFolder(path: string): boolean {
  return existsSync(join(path, "adapter_config.json"));
}

function ggufFilesOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((it) => it.toLowerCase().endsWith(".gguf"))
    .map((it) => join(folder, it));
}
