/** Whether an adapter was made for another model, as far as the heads of both files tell; a run checks every width. */

import { count } from "../../base/count.js";
import type { AdapterFacts } from "../../protocol/adapter.js";
import type { ModelFacts } from "../../protocol/engine.js";

export interface Misfit {
  readonly reason: string;
  readonly detail: string;
}

/** Undefined where nothing speaks against it, or too little is known. A model of another name but the same depth may be a relative. */
export function misfit(
  { baseModel, layers, name }: AdapterFacts,
  model: Pick<ModelFacts, "name" | "path" | "layers"> | undefined,
): Misfit | undefined {
  if (model === undefined || layers === 0) return undefined;
  const isDeeper = model.layers < layers;
  const isOther = baseModel !== undefined && !areNamedAlike(baseModel, model) && layers !== model.layers;
  if (!isDeeper && !isOther) return undefined;
  const madeFor = baseModel === undefined ? "another model" : lastName(baseModel);
  return {
    reason: `made for ${madeFor}`,
    detail: `${name} was trained on ${madeFor}: it changes ${count(layers, "layer")}, and ${model.name} has ${model.layers}.`,
  };
}

function areNamedAlike(base: string, { name, path }: Pick<ModelFacts, "name" | "path">): boolean {
  const wanted = stem(lastName(base));
  return [name, lastName(path)].map(stem).some((it) => it.includes(wanted) || (it !== "" && wanted.includes(it)));
}

function lastName(path: string): string {
  return path.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "");
}

/** `SmolLM2-135M-Instruct.Q4_1.gguf` and `SmolLM2 135M` are one family. */
function stem(name: string): string {
  return name
    .toLowerCase()
    .replace(/\.gguf$/, "")
    .replace(/[-_. ](?:q\d\w*|f16|f32|bf16)$/, "")
    .replace(/[-_. ](?:instruct|chat|base|it)\b.*$/, "")
    .replace(/[^a-z0-9]/g, "");
}
