/** Bottleneck adapters (arXiv 1902.00751, 2005.00052) as AdapterHub's `adapters` saves them. */

import { basename, dirname } from "node:path";

import { TillerError } from "../../base/error.js";
import type { AdapterFacts } from "../../protocol/adapter.js";
import { activations, type Activation, type Sublayer } from "../graph/hooks.js";
import type { SafetensorsFile } from "../safetensors/safetensorsFile.js";
import { adapterOf, sublayerOf, type AdaptedModel, type Adapter, type Bottleneck } from "./adapter.js";
import { isObject, refuseKeys, textOf, type Config } from "./config.js";
import { sameShape } from "./peftLora.js";
import {
  checkBaseModel,
  checkRank,
  missingTensor,
  noSuchLayer,
  unknownTensor,
  unsupported,
  wrongShape,
} from "./problems.js";

const tensorName =
  /^(?:.*\.)?layers\.(\d+)\.(attention_adapters|output_adapters)\.adapters\.[^.]+\.(adapter_down\.0|adapter_up)\.(weight|bias)$/;

/** Settings that change what is computed, and that are not computed here. */
const refused = [
  ...["cross_adapter", "inv_adapter", "is_parallel", "ln_before", "ln_after", "phm_layer", "use_gating"],
  "adapter_residual_before_ln",
];

export function bottleneckFacts(config: Config, file: SafetensorsFile): AdapterFacts {
  const settings = settingsOf(config);
  refuseKeys(settings, refused);
  const parsed = [...file.tensors.values()].map((it) => ({ ...parse(it.name), shape: it.shape }));
  const folder = dirname(config.path);
  const baseModel = textOf(config, "model_name");
  return {
    path: folder,
    weights: file.path,
    name: basename(folder),
    form: "bottleneck",
    format: "adapterhub",
    ...(baseModel !== undefined && { baseModel }),
    rank: Math.max(0, ...parsed.filter((it) => it.part === "down.weight").map((it) => it.shape[0] ?? 0)),
    modules: [...new Set(parsed.map((it) => it.sublayer ?? "unknown"))],
    layers: new Set(parsed.map((it) => it.layer)).size,
    parameterCount: [...file.tensors.values()].reduce((sum, it) => sum + it.elementCount, 0),
    sizeBytes: file.sizeBytes,
  };
}

export function loadBottleneck(
  facts: AdapterFacts,
  config: Config,
  file: SafetensorsFile,
  model: AdaptedModel,
): Adapter {
  checkBaseModel(facts.path, facts.baseModel, model);
  const settings = settingsOf(config);
  checkSettings(settings);
  const places = new Map<string, { readonly layer: number; readonly sublayer: Sublayer; readonly stem: string }>();
  for (const name of file.tensors.keys()) {
    const { layer, sublayer, stem } = parse(name);
    if (layer === undefined) throw unknownTensor(file.path, name);
    if (model.shape.layers <= layer) throw noSuchLayer(file.path, layer, facts.baseModel, model);
    places.set(sublayerOf(layer, sublayer), { layer, sublayer, stem });
  }
  checkComplete(settings, file, new Set(places.keys()), model);
  const bottlenecks = new Map<string, Bottleneck>();
  for (const [key, { stem }] of places) bottlenecks.set(key, readBottleneck(facts, settings, file, stem, model));
  return adapterOf(facts, { bottlenecks });
}

type ParsedName =
  | { readonly layer: number; readonly sublayer: Sublayer; readonly part: string; readonly stem: string }
  | { readonly layer?: undefined; readonly sublayer?: undefined; readonly part?: undefined; readonly stem?: undefined };

function parse(name: string): ParsedName {
  const [, layer, where, linear, kind] = tensorName.exec(name) ?? [];
  if (layer === undefined) return {};
  const stem = name.slice(0, name.length - `.${linear}.${kind}`.length);
  const part = `${linear === "adapter_up" ? "up" : "down"}.${kind}`;
  return { layer: Number(layer), sublayer: where === "attention_adapters" ? "attention" : "feedForward", part, stem };
}

function settingsOf(config: Config): Config {
  const settings = config.values["config"];
  if (isObject(settings)) return { path: config.path, values: settings };
  throw unsupported(config.path, 'has no "config" with the settings of a bottleneck adapter');
}

function checkSettings({ path, values }: Config): void {
  for (const key of ["residual_before_ln", "original_ln_after"]) {
    if (values[key] !== true)
      throw unsupported(path, `has "${key}": ${JSON.stringify(values[key])}; only true can be run`);
  }
  activationOf({ path, values });
}

function activationOf({ path, values }: Config): Activation {
  const name = values["non_linearity"] === "silu" ? "swish" : values["non_linearity"];
  const found = activations.find((it) => it === name);
  if (found !== undefined) return found;
  throw unsupported(path, `uses the activation ${JSON.stringify(name)}; these can be run: ${activations.join(", ")}`);
}

function readBottleneck(
  { path, baseModel }: AdapterFacts,
  settings: Config,
  file: SafetensorsFile,
  stem: string,
  model: AdaptedModel,
): Bottleneck {
  const { hiddenSize } = model.shape;
  const tensor = (name: string) => {
    const found = file.tensors.get(`${stem}.${name}`);
    if (found === undefined) throw missingTensor(file.path, `${stem}.${name}`);
    return found;
  };
  const read = (name: string, expected: readonly number[]) => {
    const found = tensor(name);
    if (sameShape(found.shape, expected)) return file.read(found);
    throw wrongShape({ path, baseModel, name: found.name, found: found.shape, expected }, model);
  };
  const width = tensor("adapter_down.0.weight").shape[0] ?? 0;
  checkRank(file.path, `${stem}.adapter_down.0.weight`, width);
  const { scaling = 1 } = settings.values;
  if (typeof scaling !== "number") throw unsupported(settings.path, `has "scaling": ${JSON.stringify(scaling)}`);
  const scaled = (values: Float32Array) => values.map((it) => it * scaling);
  return {
    activation: activationOf(settings),
    width,
    down: read("adapter_down.0.weight", [width, hiddenSize]),
    downBias: read("adapter_down.0.bias", [width]),
    up: scaled(read("adapter_up.weight", [hiddenSize, width])),
    upBias: scaled(read("adapter_up.bias", [hiddenSize])),
    readsStream: settings.values["original_ln_before"] === true,
  };
}

/** Every layer that is not left out must have what the settings say. */
function checkComplete(
  { path, values }: Config,
  file: SafetensorsFile,
  found: ReadonlySet<string>,
  model: AdaptedModel,
): void {
  const leftOut = new Set(Array.isArray(values["leave_out"]) ? (values["leave_out"] as unknown[]) : []);
  const wanted: Sublayer[] = [];
  if (values["mh_adapter"] === true) wanted.push("attention");
  if (values["output_adapter"] === true) wanted.push("feedForward");
  if (wanted.length === 0)
    throw new TillerError("adapter-corrupt", `${path}: the adapter stands nowhere in the model.`);
  for (let layer = 0; layer < model.shape.layers; layer++) {
    const missing = leftOut.has(layer) ? undefined : wanted.find((it) => !found.has(sublayerOf(layer, it)));
    const where = missing === "attention" ? "attention_adapters" : "output_adapters";
    if (missing !== undefined) throw missingTensor(file.path, `layers.${layer}.${where}.*.adapter_down.0.weight`);
  }
}
