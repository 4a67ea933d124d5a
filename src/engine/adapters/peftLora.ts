/** LoRA, rsLoRA (arXiv 2312.03732) and DoRA (arXiv 2402.09353) from PEFT folders. */

import { TillerError } from "../../base/error.js";
import { pairRows } from "../graph/modules.js";
import type { SafetensorsFile, SafeTensor } from "../safetensors/safetensorsFile.js";
import { adapterOf, placeOf, type AdaptedModel, type Adapter, type LowRank } from "./adapter.js";
import { isObject, positiveOf, refuseKeys, textOf, textsOf, type Config } from "./config.js";
import { peftFacts } from "./peftFacts.js";
import { findPlace, parsePeftName, type PeftTensor, type Place } from "./peftNames.js";
import { checkBaseModel, checkRank, missingTensor, unknownTensor, unsupported, wrongShape } from "./problems.js";
import type { AdapterFacts } from "../../protocol/adapter.js";

/** Settings that change what is computed, and that are not computed here. */
const refused = [
  ...["modules_to_save", "bias", "lora_bias", "fan_in_fan_out", "layer_replication", "use_qalora", "use_bdlora"],
  ...["trainable_token_indices", "target_parameters", "alora_invocation_tokens", "arrow_config", "kasa_config"],
  "monteclora_config",
];

interface PlaceTensors extends PeftTensor {
  readonly name: string;
  a?: SafeTensor;
  b?: SafeTensor;
  magnitude?: SafeTensor;
}

export function loraFacts(config: Config, file: SafetensorsFile): AdapterFacts {
  refuseKeys(config, refused);
  const places = [...tensorsByPlace(file).values()];
  return {
    ...peftFacts(config, file, config.values["use_dora"] === true ? "dora" : "lora"),
    rank: Math.max(0, ...places.map(({ a }) => a?.shape[0] ?? 0)),
    alpha: positiveOf(config, "lora_alpha"),
    modules: [...new Set(places.map((it) => it.module.split(".").at(-1)!))],
    layers: new Set(places.map((it) => it.layer)).size,
  };
}

export function loadLora(facts: AdapterFacts, config: Config, file: SafetensorsFile, model: AdaptedModel): Adapter {
  checkBaseModel(facts.path, facts.baseModel, model);
  const places = [...tensorsByPlace(file).values()];
  if (places.length === 0) throw new TillerError("adapter-corrupt", `${file.path} holds no tensor of a LoRA adapter.`);
  const lowRank = new Map<string, LowRank>();
  for (const tensors of places) {
    const place = findPlace({ ...facts, path: file.path, name: tensors.name }, tensors, model);
    lowRank.set(placeOf(place.layer, place.module), readLowRank(facts, config, file, tensors, place, model));
  }
  checkComplete(config, file, lowRank, model);
  return adapterOf(facts, { lowRank });
}

function tensorsByPlace(file: SafetensorsFile): Map<string, PlaceTensors> {
  const places = new Map<string, PlaceTensors>();
  for (const tensor of file.tensors.values()) {
    const parsed = parsePeftName(tensor.name);
    if (parsed === undefined || parsed.part === "ia3_l") throw unknownTensor(file.path, tensor.name);
    const key = `${parsed.layer}.${parsed.module}`;
    const place = places.get(key) ?? { ...parsed, name: tensor.name };
    places.set(key, place);
    if (parsed.part === "lora_A") place.a = tensor;
    else if (parsed.part === "lora_B") place.b = tensor;
    else place.magnitude = tensor;
  }
  return places;
}

function readLowRank(
  { path, baseModel }: AdapterFacts,
  config: Config,
  file: SafetensorsFile,
  { a, b, magnitude, name, layer, module: moduleName }: PlaceTensors,
  { module }: Place,
  model: AdaptedModel,
): LowRank {
  const usesDora = config.values["use_dora"] === true;
  const stem = name.replace(/\.(lora_[AB]|lora_magnitude_vector)\b.*$/, "");
  if (a === undefined) throw missingTensor(file.path, `${stem}.lora_A.weight`);
  if (b === undefined) throw missingTensor(file.path, `${stem}.lora_B.weight`);
  if (usesDora && magnitude === undefined) throw missingTensor(file.path, `${stem}.lora_magnitude_vector`);
  const rank = a.shape[0] ?? 0;
  checkRank(file.path, a.name, rank);
  const check = (tensor: SafeTensor, expected: readonly number[]) => {
    if (sameShape(tensor.shape, expected)) return;
    throw wrongShape({ path, baseModel, name: tensor.name, found: tensor.shape, expected }, model);
  };
  check(a, [rank, module.columns]);
  check(b, [module.rows, rank]);
  const { r, alpha } = numbersOf(config, `layers.${layer}.${moduleName}`);
  if (r !== rank)
    throw new TillerError(
      "adapter-corrupt",
      `${file.path}: "${a.name}" has the rank ${rank}, and adapter_config.json says ${r}.`,
    );
  const paired = (values: Float32Array, width: number) =>
    module.pairedHeads === undefined ? values : pairRows(values, module.pairedHeads, width);
  if (usesDora) check(magnitude!, [module.rows]);
  return {
    rank,
    a: file.read(a),
    b: paired(file.read(b), rank),
    scaling: alpha / (config.values["use_rslora"] === true ? Math.sqrt(rank) : rank),
    ...(usesDora && { magnitude: paired(file.read(magnitude!), 1) }),
  };
}

export function sameShape(found: readonly number[], expected: readonly number[]): boolean {
  return found.length === expected.length && found.every((it, i) => it === expected[i]);
}

/** Rank and alpha of a module, which patterns may set apart from the rest. */
function numbersOf(config: Config, moduleName: string): { readonly r: number; readonly alpha: number } {
  const override = (key: string) => {
    const patterns = config.values[key];
    if (!isObject(patterns)) return undefined;
    const found = Object.keys(patterns).find((it) => matches(config, it, moduleName));
    return found === undefined ? undefined : positiveOf({ ...config, values: patterns }, found);
  };
  return {
    r: override("rank_pattern") ?? positiveOf(config, "r"),
    alpha: override("alpha_pattern") ?? positiveOf(config, "lora_alpha"),
  };
}

/** As PEFT matches: the expression stands for the end of the module's name, or with `^` for all of it. */
function matches(config: Config, pattern: string, moduleName: string): boolean {
  // Repeated groups can take for ever, and no adapter needs them.
  if (/\)[*+{]/.test(pattern)) throw unsupported(config.path, `has the pattern "${pattern}", which is not read here`);
  try {
    const whole = pattern.startsWith("^") ? `${pattern}$` : `^(?:.*\\.)?(?:${pattern})$`;
    return new RegExp(whole).test(`model.${moduleName}`);
  } catch {
    throw new TillerError("adapter-corrupt", `${config.path}: "${pattern}" is not a regular expression.`);
  }
}

/** Every module that the settings name must be there, in every layer that they name. */
function checkComplete(
  config: Config,
  file: SafetensorsFile,
  found: ReadonlyMap<string, LowRank>,
  { modules, shape }: AdaptedModel,
): void {
  const targets = textsOf(config, "target_modules");
  const only = config.values["layers_to_transform"];
  if (targets === undefined || textOf(config, "layers_pattern") !== undefined || config.values["exclude_modules"])
    return;
  const layers = typeof only === "number" ? [only] : Array.isArray(only) ? (only as number[]) : allLayers(shape.layers);
  for (const layer of layers) {
    for (const module of modules) {
      const isTarget = targets.some((it) => `model.layers.${layer}.${module.peftName}`.endsWith(`.${it}`));
      if (isTarget && !found.has(placeOf(layer, module)))
        throw missingTensor(file.path, `layers.${layer}.${module.peftName}.lora_A.weight`);
    }
  }
}

function allLayers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
