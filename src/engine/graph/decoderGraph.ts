/**
 * A model file -> the ONNX graph that runs it. Which architectures there are stands in the table below.
 *
 * Inputs: embeddings float32 [batch, sequence, hidden] (looked up outside, so that other vectors can stand in for tokens),
 * lastPositions int32 [batch], totalLength int32 [], rows int64 [rows], past.L.key and past.L.value.
 * Outputs: logits float32 [rows, vocabulary], present.L.key and present.L.value.
 */

import { TillerError } from "../../base/error.js";
import type { Precision } from "../../protocol/engine.js";
import type { ModelFile } from "../gguf/modelFile.js";
import { GraphBuilder, type OnnxModel } from "../onnx/graphBuilder.js";
import type { Architecture } from "./architecture.js";
import { llama } from "./architectures/llama.js";
import type { HookInput, Hooks } from "./hooks.js";
import type { ObservedInput } from "./linear.js";
import { sentinelOutput } from "./layers.js";
import type { ModelShape } from "./modelShape.js";
import { weightReader } from "./weights.js";

const architectures: readonly Architecture[] = [llama];

export interface GraphOptions {
  readonly precision: Precision;
  readonly contextTokens: number;
  /** Put the sentinel output first; see engine/ort/inPlaceCache.ts. */
  readonly sentinel: boolean;
  /** Where adapters join in. */
  readonly hooks: Hooks;
  /** Give the squares of what goes into each matrix as further outputs. */
  readonly observe?: true;
}

export interface DecoderGraph extends OnnxModel {
  readonly hookInputs: readonly HookInput[];
  /** Empty unless it was asked for. */
  readonly observed: readonly ObservedInput[];
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

export function buildDecoderGraph(file: ModelFile, shape: ModelShape, options: GraphOptions): DecoderGraph {
  const graph = new GraphBuilder();
  const hookInputs: HookInput[] = [];
  const observed: ObservedInput[] = [];
  const weights = weightReader(file, { precision: options.precision });
  if (options.sentinel) sentinelOutput(graph);
  graph.input("embeddings", "float32", ["batch", "sequence", shape.hiddenSize]);
  architectureOf(file).build({
    graph,
    shape,
    weights,
    contextTokens: options.contextTokens,
    accuracyLevel: options.precision === "exact" ? 1 : 4,
    extended: new Map(),
    hooks: options.hooks,
    hookInputs,
    observed: options.observe === true ? observed : undefined,
  });
  return { ...graph.build(), hookInputs, observed };
}
