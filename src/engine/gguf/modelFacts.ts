/** What `tiller models inspect` and the editor show of a file, read from its head alone. */

import { TillerError } from "../../base/error.js";
import type { ModelFacts } from "../../protocol/engine.js";
import { readShape } from "../graph/decoderGraph.js";
import { canDequantize } from "./dequantize.js";
import { isVisionPart } from "../vision/visionShape.js";
import type { ModelFile } from "./modelFile.js";

/** Also of files that cannot be run: then `unsupported` says why, and numbers that are not there are 0. */
export function modelFacts(file: ModelFile): ModelFacts {
  const { metadata, tensors, path, sizeBytes } = file;
  const architecture = metadata.text("general.architecture") ?? "unknown";
  const number = (name: string) => scalar(() => metadata.number(`${architecture}.${name}`));
  const heads = number("attention.head_count");
  const hiddenSize = number("embedding_length");
  const tensorTypes: Record<string, number> = {};
  let parameterCount = 0;
  for (const { type, elementCount } of tensors.values()) {
    tensorTypes[type.name] = (tensorTypes[type.name] ?? 0) + 1;
    parameterCount += elementCount;
  }
  const unsupported = whyUnsupported(file);
  const experts = number("expert_count");
  return {
    path,
    name: metadata.text("general.name") ?? "unnamed",
    architecture,
    sizeBytes,
    parameterCount,
    layers: number("block_count"),
    hiddenSize,
    feedForwardSize: number("feed_forward_length"),
    heads,
    kvHeads:
      largest(() => metadata.numbers(`${architecture}.attention.head_count_kv`)) ||
      number("attention.head_count_kv") ||
      heads,
    headSize: number("attention.key_length") || (heads === 0 ? 0 : hiddenSize / heads),
    vocabularySize: tensors.get("token_embd.weight")?.shape[1] ?? 0,
    contextLength: number("context_length"),
    tensorTypes,
    tokenizer: [metadata.text("tokenizer.ggml.model"), metadata.text("tokenizer.ggml.pre")].filter(Boolean).join(", "),
    hasChatTemplate: metadata.has("tokenizer.chat_template"),
    ...(0 < experts && { experts: { count: experts, used: number("expert_used_count") } }),
    ...(unsupported !== undefined && { unsupported }),
  };
}

function whyUnsupported(file: ModelFile): string | undefined {
  if (isVisionPart(file))
    return "It is the vision part of a model: it is used together with the model's own file, beside which it lies.";
  try {
    readShape(file);
  } catch (error) {
    if (error instanceof TillerError) return error.message;
    throw error;
  }
  const types = new Set([...file.tensors.values()].map((it) => it.type.name).filter((it) => !canDequantize(it)));
  return types.size === 0 ? undefined : `This version cannot run tensors of type ${[...types].join(", ")}.`;
}

/** Of a list with one number a layer; 0 where there is none. */
function largest(read: () => readonly number[] | undefined): number {
  return scalar(() => read()?.reduce((a, b) => Math.max(a, b), 0));
}

/** Some architectures write a list, one number a layer, where others write one. */
function scalar(read: () => number | undefined): number {
  try {
    return read() ?? 0;
  } catch (error) {
    if (error instanceof TillerError) return 0;
    throw error;
  }
}
