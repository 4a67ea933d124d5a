/** IA3 (arXiv 2205.05638), prompt tuning (2104.08691) and prefix tuning (2101.00190) from PEFT folders. */

import { TillerError } from "../../base/error.js";
import type { AdapterFacts } from "../../protocol/adapter.js";
import { pairRows } from "../graph/modules.js";
import type { SafetensorsFile, SafeTensor } from "../safetensors/safetensorsFile.js";
import { adapterOf, placeOf, type AdaptedModel, type Adapter, type PrefixLayer } from "./adapter.js";
import { positiveOf, refuseKeys, textsOf, type Config } from "./config.js";
import { peftFacts } from "./peftFacts.js";
import { sameShape } from "./peftLora.js";
import { findPlace, parsePeftName } from "./peftNames.js";
import { checkBaseModel, missingTensor, unknownTensor, wrongShape } from "./problems.js";

export function ia3Facts(config: Config, file: SafetensorsFile): AdapterFacts {
  refuseKeys(config, ["modules_to_save", "fan_in_fan_out"]);
  const parsed = [...file.tensors.keys()].map((it) => parsePeftName(it)).filter((it) => it !== undefined);
  return {
    ...peftFacts(config, file, "ia3"),
    modules: [...new Set(parsed.map((it) => it.module.split(".").at(-1)!))],
    layers: new Set(parsed.map((it) => it.layer)).size,
  };
}

export function loadIa3(facts: AdapterFacts, config: Config, file: SafetensorsFile, model: AdaptedModel): Adapter {
  checkBaseModel(facts.path, facts.baseModel, model);
  const outputScales = new Map<string, Float32Array>();
  const inputScales = new Map<string, Float32Array>();
  const feedForward = textsOf(config, "feedforward_modules") ?? [];
  for (const tensor of file.tensors.values()) {
    const parsed = parsePeftName(tensor.name);
    if (parsed?.part !== "ia3_l") throw unknownTensor(file.path, tensor.name);
    const { layer, module } = findPlace({ ...facts, path: file.path, name: tensor.name }, parsed, model);
    const scalesInput = feedForward.some((it) => `.${module.peftName}`.endsWith(`.${it}`));
    checkShape(facts, tensor, scalesInput ? [1, module.columns] : [module.rows, 1], model);
    const values = file.read(tensor);
    if (scalesInput) inputScales.set(placeOf(layer, module), values);
    else if (module.pairedHeads === undefined) outputScales.set(placeOf(layer, module), values);
    else outputScales.set(placeOf(layer, module), pairRows(values, module.pairedHeads, 1));
  }
  checkLayers(config, file, model, new Set([...outputScales.keys(), ...inputScales.keys()]));
  return adapterOf(facts, { outputScales, inputScales });
}

/** IA3 has no choice of layers: whatever module it names, it has in all of them. */
function checkLayers(config: Config, file: SafetensorsFile, model: AdaptedModel, found: ReadonlySet<string>): void {
  const targets = textsOf(config, "target_modules") ?? [];
  for (const module of model.modules.filter((it) => targets.some((one) => `.${it.peftName}`.endsWith(`.${one}`)))) {
    for (let layer = 0; layer < model.shape.layers; layer++) {
      if (!found.has(placeOf(layer, module)))
        throw missingTensor(file.path, `layers.${layer}.${module.peftName}.ia3_l`);
    }
  }
}

export function promptTuningFacts(config: Config, file: SafetensorsFile): AdapterFacts {
  return { ...peftFacts(config, file, "prompt-tuning"), virtualTokens: positiveOf(config, "num_virtual_tokens") };
}

export function loadPromptTuning(
  facts: AdapterFacts,
  _config: Config,
  file: SafetensorsFile,
  model: AdaptedModel,
): Adapter {
  checkBaseModel(facts.path, facts.baseModel, model);
  const tensor = promptEmbeddings(file);
  checkShape(facts, tensor, [facts.virtualTokens!, model.shape.hiddenSize], model);
  return adapterOf(facts, { softPrompt: file.read(tensor) });
}

export function prefixTuningFacts(config: Config, file: SafetensorsFile): AdapterFacts {
  return {
    ...peftFacts(config, file, "prefix-tuning"),
    virtualTokens: positiveOf(config, "num_virtual_tokens"),
    layers: positiveOf(config, "num_layers"),
  };
}

/** Per virtual token, layer by layer: a key and a value for all heads. */
export function loadPrefixTuning(
  facts: AdapterFacts,
  _config: Config,
  file: SafetensorsFile,
  model: AdaptedModel,
): Adapter {
  checkBaseModel(facts.path, facts.baseModel, model);
  const { layers, kvHeads, headSize, rope } = model.shape;
  const size = kvHeads * headSize;
  const count = facts.virtualTokens!;
  const tensor = promptEmbeddings(file);
  checkShape(facts, tensor, [count, layers * 2 * size], model);
  const values = file.read(tensor);
  const take = (layer: number, part: 0 | 1) => {
    const taken = new Float32Array(count * size);
    for (let token = 0; token < count; token++) {
      const from = ((token * layers + layer) * 2 + part) * size;
      const own = values.subarray(from, from + size);
      taken.set(part === 0 && rope.interleaved ? pairRows(own, kvHeads, 1) : own, token * size);
    }
    return taken;
  };
  const prefix: PrefixLayer[] = Array.from({ length: layers }, (_, it) => ({ key: take(it, 0), value: take(it, 1) }));
  return adapterOf(facts, { prefix });
}

function promptEmbeddings(file: SafetensorsFile): SafeTensor {
  const extra = [...file.tensors.keys()].find((it) => it !== "prompt_embeddings");
  if (extra !== undefined) throw unknownTensor(file.path, extra);
  const found = file.tensors.get("prompt_embeddings");
  if (found === undefined) throw missingTensor(file.path, "prompt_embeddings");
  if (found.shape.length === 2) return found;
  throw new TillerError(
    "adapter-corrupt",
    `${file.path}: "prompt_embeddings" has the shape [${found.shape}] and no rows.`,
  );
}

function checkShape(
  { path, baseModel }: AdapterFacts,
  tensor: SafeTensor,
  expected: readonly number[],
  model: AdaptedModel,
): void {
  if (sameShape(tensor.shape, expected)) return;
  throw wrongShape({ path, baseModel, name: tensor.name, found: tensor.shape, expected }, model);
}
