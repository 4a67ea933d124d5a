/**
 * A model file -> the ONNX graph that runs it. Which architectures there are stands in the table below.
 *
 * Inputs: embeddings float32 [batch, sequence, hidden] (looked up outside, so that other vectors can stand in for tokens),
 * lastPositions int32 [batch], totalLength int32 [], rows int64 [rows], past.L.key and past.L.value; with the hook `positions`
 * also positions int64 [batch, sequence].
 * Outputs: logits float32 [rows, vocabulary], present.L.key and present.L.value.
 */

import { TillerError } from "../../base/error.js";
import type { Precision } from "../../protocol/engine.js";
import type { ModelFile } from "../gguf/modelFile.js";
import { GraphBuilder, type OnnxModel } from "../onnx/graphBuilder.js";
import type { Architecture } from "./architecture.js";
import { gemma2 } from "./architectures/gemma2.js";
import { gemma3 } from "./architectures/gemma3.js";
import { granite, granitemoe } from "./architectures/granite.js";
import { lfm2 } from "./architectures/lfm2.js";
import { llama } from "./architectures/llama.js";
import type { CacheScales } from "./cacheScales.js";
import { olmoe } from "./architectures/olmoe.js";
import { phi3 } from "./architectures/phi3.js";
import { qwen2 } from "./architectures/qwen2.js";
import { qwen3 } from "./architectures/qwen3.js";
import { qwen3moe } from "./architectures/qwen3moe.js";
import { smollm3 } from "./architectures/smollm3.js";
import { starcoder2 } from "./architectures/starcoder2.js";
import type { HookInput, Hooks, HookValues } from "./hooks.js";
import type { ObservedInput } from "./linear.js";
import { sentinelOutput } from "./layers.js";
import type { ModelShape } from "./modelShape.js";
import { readTensors } from "./readTensors.js";
import { rotaryFrequencies, type KeyRotation } from "./rotary.js";
import { weightReader } from "./weights.js";

const architectures: readonly Architecture[] = [
  llama,
  qwen2,
  qwen3,
  qwen3moe,
  olmoe,
  granite,
  granitemoe,
  gemma2,
  gemma3,
  phi3,
  smollm3,
  starcoder2,
  lfm2,
];

export interface GraphOptions {
  readonly precision: Precision;
  readonly contextTokens: number;
  /** Put the sentinel output first; see engine/ort/inPlaceCache.ts. */
  readonly sentinel: boolean;
  /** Where adapters join in. */
  readonly hooks: Hooks;
  /** What all those hooks hold, for good. */
  readonly fixed?: HookValues | undefined;
  /** Give the squares of what goes into each matrix as further outputs. */
  readonly observe?: true;
  /** Of each layer, for a cache of 8-bit integers; left out: it holds floats. */
  readonly cacheScales?: readonly CacheScales[] | undefined;
}

export interface DecoderGraph extends OnnxModel {
  readonly hookInputs: readonly HookInput[];
  /** Empty unless it was asked for. */
  readonly observed: readonly ObservedInput[];
  /** Tokens are told their positions. */
  readonly takesPositions: boolean;
}

/** Throws `model-unsupported` with the architecture's name when there is none in the table. */
export function architectureOf({ metadata, path }: ModelFile): Architecture {
  const name = metadata.requiredText("general.architecture");
  const found = architectures.find((it) => it.name === name);
  if (found !== undefined) return found;
  const known = architectures.map((it) => it.name).join(", ");
  throw new TillerError(
    "model-unsupported",
    `${path} has the architecture "${name}", which this version cannot run. It can run: ${known}.`,
  );
}

export function readShape(file: ModelFile): ModelShape {
  const embedding = file.tensors.get("token_embd.weight");
  const rows = embedding?.shape[1];
  if (rows === undefined)
    throw new TillerError("model-corrupt", `${file.path}: the tensor "token_embd.weight" is missing.`);
  return architectureOf(file).readShape(file.metadata, rows);
}

/** How the graph turns keys by their positions; the same in all layers. */
export function readRotation(file: ModelFile, { rope }: ModelShape): KeyRotation {
  const weights = weightReader(file, { precision: "exact" });
  const divisors = weights.has("rope_freqs.weight") ? weights.vector("rope_freqs.weight", rope.size / 2) : undefined;
  return { frequencies: rotaryFrequencies(rope, divisors), interleaved: rope.interleaved };
}

export function buildDecoderGraph(file: ModelFile, shape: ModelShape, options: GraphOptions): DecoderGraph {
  const graph = new GraphBuilder();
  const hookInputs: HookInput[] = [];
  const { weights, checkAllRead } = readTensors(weightReader(file, { precision: options.precision }));
  const observed: ObservedInput[] = [];
  if (options.sentinel) sentinelOutput(graph);
  graph.input("embeddings", "float32", ["batch", "sequence", shape.hiddenSize]);
  architectureOf(file).build({
    graph,
    shape,
    weights,
    contextTokens: options.contextTokens,
    cacheScales: options.cacheScales,
    accuracyLevel: options.precision === "exact" ? 1 : 4,
    extended: new Map(),
    hooks: options.hooks,
    hookInputs,
    fixed: options.fixed,
    observed: options.observe === true ? observed : undefined,
  });
  checkAllRead(file);
  return { ...graph.build(), hookInputs, observed, takesPositions: options.hooks.has("positions") };
}
