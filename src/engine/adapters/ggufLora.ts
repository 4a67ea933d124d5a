/**
 * LoRA adapters of llama.cpp (its convert_lora_to_gguf.py says how they are written): one GGUF file, rows in the model file's
 * own order, scaling alpha / rank.
 */

import { basename } from "node:path";

import { TillerError } from "../../base/error.js";
import type { AdapterFacts } from "../../protocol/adapter.js";
import type { ModelFile, TensorInfo } from "../gguf/modelFile.js";
import {
  adapterOf,
  placeOf,
  type AdaptedModel,
  type Adapter,
  type GgufForm,
  type LowRank,
  type ReadValues,
} from "./adapter.js";
import { sameShape } from "./peftLora.js";
import { checkRank, missingTensor, noSuchLayer, unknownTensor, unsupported, wrongShape } from "./problems.js";

const tensorName = /^blk\.(\d+)\.(\w+)\.weight\.lora_([ab])$/;

/** Throws `adapter-unsupported` for a file that is no LoRA adapter. */
export const ggufLora: GgufForm = (file, readValues) => {
  const facts = readFacts(file);
  return { facts, load: (model) => load(facts, file, readValues, model) };
};

function readFacts(file: ModelFile): AdapterFacts {
  const { metadata, path, tensors, sizeBytes } = file;
  if (metadata.text("general.type") !== "adapter")
    throw unsupported(path, "is a model and not an adapter. Adapters of llama.cpp say so in their head");
  const type = metadata.text("adapter.type");
  if (type !== "lora")
    throw unsupported(path, `is an adapter of the type "${type}"; of GGUF files only "lora" can be run`);
  if (metadata.has("adapter.alora.invocation_tokens"))
    throw unsupported(path, "is switched on by certain tokens (aLoRA), which this version cannot run");
  const names = [...tensors.keys()].map((it) => tensorName.exec(it)).filter((it) => it !== null);
  const ranks = [...tensors.values()].filter((it) => it.name.endsWith(".lora_a")).map((it) => it.shape[1] ?? 0);
  const description = metadata.text("general.description");
  const baseModel = metadata.text("general.base_model.0.name");
  return {
    path,
    weights: path,
    name: basename(path).replace(/(\.lora)?\.gguf$/i, ""),
    form: "lora",
    format: "gguf",
    ...(baseModel !== undefined && { baseModel }),
    rank: Math.max(0, ...ranks),
    alpha: metadata.number("adapter.lora.alpha") ?? 0,
    modules: [...new Set(names.map((it) => it[2]!))],
    layers: new Set(names.map((it) => it[1])).size,
    parameterCount: [...tensors.values()].reduce((sum, it) => sum + it.elementCount, 0),
    sizeBytes,
    ...(description !== undefined && { description }),
  };
}

function load(facts: AdapterFacts, file: ModelFile, readValues: ReadValues, model: AdaptedModel): Adapter {
  const architecture = file.metadata.text("general.architecture");
  if (architecture !== model.shape.architecture)
    throw new TillerError(
      "adapter-mismatch",
      `${file.path} is for the architecture "${architecture}", and ${model.names[0]} is "${model.shape.architecture}".`,
    );
  const lowRank = new Map<string, LowRank>();
  for (const tensor of file.tensors.values()) {
    const [, layer, name, part] = tensorName.exec(tensor.name) ?? [];
    const module = model.modules.find((it) => it.ggufName === name);
    if (layer === undefined || module === undefined) throw unknownTensor(file.path, tensor.name);
    if (model.shape.layers <= Number(layer)) throw noSuchLayer(file.path, Number(layer), facts.baseModel, model);
    if (part === "b") continue;
    lowRank.set(placeOf(Number(layer), module), readLowRank({ facts, file, readValues }, tensor, module, model));
  }
  for (const name of file.tensors.keys()) {
    const partner = name.replace(/lora_b$/, "lora_a");
    if (!file.tensors.has(partner)) throw missingTensor(file.path, partner);
  }
  if (lowRank.size === 0) throw new TillerError("adapter-corrupt", `${file.path} holds no tensor of a LoRA adapter.`);
  return adapterOf(facts, { lowRank });
}

interface Reading {
  readonly facts: AdapterFacts;
  readonly file: ModelFile;
  readonly readValues: ReadValues;
}

function readLowRank(
  { facts, file, readValues }: Reading,
  a: TensorInfo,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  model: AdaptedModel,
): LowRank {
  const name = a.name.replace(/lora_a$/, "lora_b");
  const b = file.tensors.get(name);
  if (b === undefined) throw missingTensor(file.path, name);
  const rank = a.shape[1] ?? 1;
  checkRank(file.path, a.name, rank);
  for (const [tensor, expected] of [[a, [columns, rank]] as const, [b, [rank, rows]] as const]) {
    // GGUF drops dimensions of 1 at the end.
    const found = tensor.shape.length === 1 ? [...tensor.shape, 1] : tensor.shape;
    if (!sameShape(found, expected))
      throw wrongShape({ ...facts, name: tensor.name, baseModel: facts.baseModel, found, expected }, model);
  }
  // As llama.cpp does it: without an alpha there is no scaling.
  const scaling = facts.alpha === 0 || facts.alpha === undefined ? 1 : facts.alpha / rank;
  return { rank, a: readValues(file, a), b: readValues(file, b), scaling };
}
