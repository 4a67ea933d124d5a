/**
 * Control vectors of llama.cpp (representation engineering, arXiv 2310.01405): `direction.N` [hidden] is added to the stream
 * behind layer N.
 */

import { basename } from "node:path";

import { TillerError } from "../../base/error.js";
import type { AdapterFacts } from "../../protocol/adapter.js";
import type { ModelFile } from "../gguf/modelFile.js";
import { adapterOf, type AdaptedModel, type GgufForm } from "./adapter.js";
import { noSuchLayer, unknownTensor, wrongShape } from "./problems.js";

const tensorName = /^direction\.(\d+)$/;

/** The file must say that it is one. */
export const controlVector: GgufForm = (file, readValues) => {
  const facts = readFacts(file);
  return {
    facts,
    load(model) {
      checkArchitecture(file, model);
      const directions = new Map<number, Float32Array>();
      for (const tensor of file.tensors.values()) {
        const [, number] = tensorName.exec(tensor.name) ?? [];
        if (number === undefined) throw unknownTensor(file.path, tensor.name);
        const layer = Number(number);
        if (model.shape.layers <= layer) throw noSuchLayer(file.path, layer, undefined, model);
        const expected = [model.shape.hiddenSize];
        if (tensor.shape.join() !== expected.join())
          throw wrongShape({ path: file.path, name: tensor.name, found: tensor.shape, expected }, model);
        directions.set(layer, readValues(file, tensor));
      }
      if (directions.size === 0) throw new TillerError("adapter-corrupt", `${file.path} holds no direction.`);
      return adapterOf(facts, { directions });
    },
  };
};

function readFacts({ metadata, path, tensors, sizeBytes }: ModelFile): AdapterFacts {
  const description = metadata.text("general.description");
  return {
    path,
    weights: path,
    name: basename(path).replace(/(?:\.control-vector)?\.gguf$/i, ""),
    form: "control-vector",
    format: "gguf",
    modules: [],
    layers: tensors.size,
    parameterCount: [...tensors.values()].reduce((sum, it) => sum + it.elementCount, 0),
    sizeBytes,
    ...(description !== undefined && { description }),
  };
}

function checkArchitecture({ metadata, path }: ModelFile, { shape, names }: AdaptedModel): void {
  const hint = metadata.text("controlvector.model_hint");
  if (hint === undefined || hint === shape.architecture) return;
  throw new TillerError(
    "adapter-mismatch",
    `${path} is for the architecture "${hint}", and ${names[0]} is "${shape.architecture}".`,
  );
}
