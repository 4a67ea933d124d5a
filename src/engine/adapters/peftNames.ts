/** Names of tensors in PEFT's files -> layers and linear modules of a model. */

import type { LinearModule } from "../graph/modules.js";
import type { AdaptedModel } from "./adapter.js";
import { noSuchLayer, unknownTensor } from "./problems.js";

export interface Place {
  readonly layer: number;
  readonly module: LinearModule;
}

/** `base_model.model.model.layers.11.self_attn.q_proj.lora_A.weight`; some tools add the adapter's name before the end. */
const tensorName =
  /^(?:.*\.)?layers\.(\d+)\.(.+?)\.(lora_A|lora_B|lora_magnitude_vector|ia3_l)(?:\.(?:\w+\.)?weight)?$/;

export interface PeftTensor {
  readonly layer: number;
  /** `self_attn.q_proj` */
  readonly module: string;
  readonly part: string;
}

export function parsePeftName(name: string): PeftTensor | undefined {
  const [, layer, module, part] = tensorName.exec(name) ?? [];
  return layer === undefined ? undefined : { layer: Number(layer), module: module!, part: part! };
}

/** Throws `adapter-mismatch` or `adapter-unsupported` for a place that the model does not have. */
export function findPlace(
  { path, name, baseModel }: { readonly path: string; readonly name: string; readonly baseModel?: string | undefined },
  { layer, module }: PeftTensor,
  model: AdaptedModel,
): Place {
  const found = model.modules.find((it) => it.peftName === module);
  if (found === undefined) throw unknownTensor(path, name);
  if (model.shape.layers <= layer) throw noSuchLayer(path, layer, baseModel, model);
  return { layer, module: found };
}
