/** What adapters are measured against, read from a model's file. */

import { basename } from "node:path";

import { architectureOf } from "../graph/decoderGraph.js";
import type { ModelShape } from "../graph/modelShape.js";
import { weightReader } from "../graph/weights.js";
import type { ModelFile } from "../gguf/modelFile.js";
import type { AdaptedModel } from "./adapter.js";

export function modelForAdapters(file: ModelFile, shape: ModelShape): AdaptedModel {
  const { metadata, path } = file;
  const weights = weightReader(file, { precision: "exact" });
  const said = ["general.name", "general.basename", "general.size_label"].map((it) => metadata.text(it));
  return {
    shape,
    modules: architectureOf(file).modules(shape),
    names: [basename(path), ...said.filter((it) => it !== undefined)],
    weights: (layer, { ggufName, rows, columns }) =>
      weights.readFloats(weights.matrix(`blk.${layer}.${ggufName}.weight`, rows, columns)),
  };
}
