/**
 * A vision part -> ONNX graphs that turn a tile into vectors of the text model: a patch convolution, learned positions,
 * transformer blocks without a mask (SigLIP, arXiv 2303.15343), a last norm, a pixel shuffle that makes one vector of
 * neighbouring patches, and a matrix.
 *
 * It is cut into stages, each a graph of its own that takes what the one before it gives: running one blocks the thread, and a
 * whole tower takes seconds. Each has one input and one output, float32 `given` and `made`: pixels [1, 3, tileSize, tileSize]
 * for the first, vectors [1, tileTokens, outputSize] from the last, and [1, patches, hidden] in between.
 */

import type { Precision } from "../../protocol/engine.js";
import { dequantizeRows } from "../gguf/dequantizeRows.js";
import type { ModelFile, TensorInfo } from "../gguf/modelFile.js";
import { linear, type LinearContext } from "../graph/linear.js";
import { readTensors } from "../graph/readTensors.js";
import { weightReader } from "../graph/weights.js";
import { GraphBuilder, type OnnxModel, type Value } from "../onnx/graphBuilder.js";
import { TillerError } from "../../base/error.js";
import { PROJECTION, type VisionShape } from "./visionShape.js";

const CONVOLUTION = "v.patch_embd.weight";
const POSITIONS = "v.position_embd.weight";

interface TowerContext extends LinearContext {
  readonly file: ModelFile;
  readonly vision: VisionShape;
}

/** One part of the tower. */
export interface TowerStage extends OnnxModel {
  /** Sizes of what it takes and makes. */
  readonly given: readonly number[];
  readonly made: readonly number[];
}

/**
 * The stages in their order, each built when it is asked for, so that its weights are handed over before the next ones are read.
 * Throws `model-corrupt` and `model-unsupported` for tensors that are missing, misshapen or unknown.
 */
export function* buildTower(file: ModelFile, vision: VisionShape, precision: Precision): Generator<TowerStage> {
  const { weights, checkAllRead } = readTensors(weightReader(file, { precision }), [CONVOLUTION]);
  const { tileSize, patchSize, layers, hiddenSize, tileTokens, outputSize } = vision;
  const pixels = [1, 3, tileSize, tileSize];
  const stream = [1, (tileSize / patchSize) ** 2, hiddenSize];
  const stage = (
    given: readonly number[],
    made: readonly number[],
    build: (context: TowerContext, x: Value) => Value,
  ) => {
    const graph = new GraphBuilder();
    const context: TowerContext = {
      ...{ file, vision, graph, weights, extended: new Map(), hooks: new Set(), hookInputs: [] },
      accuracyLevel: precision === "exact" ? 1 : 4,
    };
    const value = build(context, graph.input("given", "float32", given));
    graph.nodeInto("Identity", [value], [graph.output("made", "float32", made)]);
    return { ...graph.build(), given, made };
  };
  yield stage(pixels, stream, patches);
  for (let layer = 0; layer < layers; layer++) yield stage(stream, stream, (context, x) => block(context, x, layer));
  const last = stage(stream, [1, tileTokens, outputSize], projected);
  checkAllRead(file);
  yield last;
}

/** [1, tileTokens, outputSize] */
function projected(context: TowerContext, x: Value): Value {
  const { hiddenSize, shuffle, outputSize } = context.vision;
  const projection = context.weights.matrix(PROJECTION, outputSize, shuffle ** 2 * hiddenSize);
  return linear(context, pixelShuffle(context, norm(context, x, "v.post_ln")), "projection", [projection]);
}

/** [1, patches, hidden], patches row by row. */
function patches(context: TowerContext, pixels: Value): Value {
  const { graph, file, vision, weights } = context;
  const { patchSize, hiddenSize, tileSize } = vision;
  const count = (tileSize / patchSize) ** 2;
  const dims = [hiddenSize, 3, patchSize, patchSize];
  const kernel = graph.constant("patches.kernel", "float32", dims, readKernel(file, vision));
  const bias = graph.constant("patches.bias", "float32", [hiddenSize], weights.vector("v.patch_embd.bias", hiddenSize));
  const attributes = { kernel_shape: [patchSize, patchSize], strides: [patchSize, patchSize] };
  const convolved = graph.node("Conv", [pixels, kernel, bias], { attributes });
  const flat = graph.node("Reshape", [convolved, graph.integers([0, hiddenSize, count])]);
  const rows = graph.node("Transpose", [flat], { attributes: { perm: [0, 2, 1] } });
  const table = weights.readFloats(weights.matrix(POSITIONS, count, hiddenSize));
  return graph.node("Add", [rows, graph.constant("positions", "float32", [1, count, hiddenSize], table)]);
}

function readKernel(file: ModelFile, { patchSize, hiddenSize }: VisionShape): Float32Array {
  const shape = [patchSize, patchSize, 3, hiddenSize];
  const tensor: TensorInfo | undefined = file.tensors.get(CONVOLUTION);
  if (tensor?.shape.join() === shape.join()) return dequantizeRows(file, tensor, 0, patchSize * 3 * hiddenSize);
  const found = tensor === undefined ? "is missing" : `has the shape [${tensor.shape}] and not [${shape}]`;
  throw new TillerError("model-corrupt", `${file.path}: the tensor "${CONVOLUTION}" ${found}.`);
}

/** x + attention(norm(x)), then x + network(norm(x)). */
function block(context: TowerContext, x: Value, layer: number): Value {
  const { graph } = context;
  const attended = graph.node("Add", [x, attention(context, norm(context, x, `v.blk.${layer}.ln1`), layer)]);
  return graph.node("Add", [attended, feedForward(context, norm(context, attended, `v.blk.${layer}.ln2`), layer)]);
}

/** Every patch sees every patch of its tile. */
function attention(context: TowerContext, x: Value, layer: number): Value {
  const { graph, vision } = context;
  const { hiddenSize: size, heads } = vision;
  const part = (name: string, from: Value) => affine(context, from, `v.blk.${layer}.${name}`, size, size);
  const inputs = ["attn_q", "attn_k", "attn_v"].map((it) => part(it, x));
  const attended = graph.node("MultiHeadAttention", inputs, {
    domain: "com.microsoft",
    attributes: { num_heads: heads },
  });
  return part("attn_out", attended);
}

/** Some converters have written the first matrix as `ffn_down` and the second as `ffn_up`: their shapes tell. */
function feedForward(context: TowerContext, x: Value, layer: number): Value {
  const { graph, file, vision } = context;
  const { hiddenSize, feedForwardSize } = vision;
  const name = (it: string) => `v.blk.${layer}.${it}`;
  const isSwapped =
    hiddenSize !== feedForwardSize && file.tensors.get(name("ffn_down.weight"))?.shape[1] === feedForwardSize;
  const [first, second] = isSwapped ? ["ffn_down", "ffn_up"] : ["ffn_up", "ffn_down"];
  const raised = affine(context, x, name(first!), feedForwardSize, hiddenSize);
  const active = graph.node("Gelu", [raised], { attributes: { approximate: "tanh" } });
  return affine(context, active, name(second!), hiddenSize, feedForwardSize);
}

/** x W^T + b with the tensors `tensor`.weight and `tensor`.bias. */
function affine(context: TowerContext, x: Value, tensor: string, rows: number, columns: number): Value {
  const { graph, weights } = context;
  const product = linear(context, x, tensor, [weights.matrix(`${tensor}.weight`, rows, columns)]);
  const bias = graph.constant(`${tensor}.bias`, "float32", [rows], weights.vector(`${tensor}.bias`, rows));
  return graph.node("Add", [product, bias]);
}

function norm({ graph, weights, vision }: TowerContext, x: Value, tensor: string): Value {
  const { hiddenSize: size, normEpsilon } = vision;
  const vector = (part: string) =>
    graph.constant(`${tensor}.${part}`, "float32", [size], weights.vector(`${tensor}.${part}`, size));
  const attributes = { axis: -1, epsilon: { float: normEpsilon }, stash_type: 1 };
  return graph.node("LayerNormalization", [x, vector("weight"), vector("bias")], { attributes });
}

/** [1, patches, hidden] -> [1, tileTokens, shuffle² * hidden]: a square of patches, row by row, becomes one vector. */
function pixelShuffle({ graph, vision }: TowerContext, x: Value): Value {
  const { tileSize, patchSize, shuffle, hiddenSize, tileTokens } = vision;
  const side = tileSize / patchSize / shuffle;
  const squares = graph.node("Reshape", [x, graph.integers([-1, side, shuffle, side, shuffle, hiddenSize])]);
  const gathered = graph.node("Transpose", [squares], { attributes: { perm: [0, 1, 3, 2, 4, 5] } });
  return graph.node("Reshape", [gathered, graph.integers([-1, tileTokens, shuffle ** 2 * hiddenSize])]);
}
