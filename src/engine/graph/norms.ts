/** Normalisation of the stream and of heads. Values are [batch, sequence, size]. */

import type { Value } from "../onnx/graphBuilder.js";
import type { DecoderContext } from "./layers.js";

const MICROSOFT = "com.microsoft";

/** A norm of the file, read: RMS norm (arXiv 1910.07467), or layer norm (arXiv 1607.06450) where there is a bias. */
export interface Norm {
  /** Of its constants in the graph; each name once. */
  readonly name: string;
  readonly weight: Float32Array;
  readonly bias?: Float32Array;
}

/** The tensors `tensor`.weight and, if the file has it, `tensor`.bias. */
export function readNorm({ weights }: DecoderContext, tensor: string, size: number, name = tensor): Norm {
  const weight = weights.vector(`${tensor}.weight`, size);
  return weights.has(`${tensor}.bias`)
    ? { name, weight, bias: weights.vector(`${tensor}.bias`, size) }
    : { name, weight };
}

/** Over the last axis, whatever the others are. */
export function normalize(context: DecoderContext, x: Value, norm: Norm): Value {
  const { graph, shape } = context;
  const attributes = { axis: -1, epsilon: { float: shape.normEpsilon }, stash_type: 1 };
  const operator = norm.bias === undefined ? "SimplifiedLayerNormalization" : "LayerNormalization";
  return graph.node(operator, [x, ...constants(context, norm)], { attributes });
}

/** Adds `delta` to the residual stream and normalises the sum, in one operator. */
export function addAndNorm(
  context: DecoderContext,
  stream: Value,
  delta: Value,
  norm: Norm,
): { readonly stream: Value; readonly normed: Value } {
  const { graph, shape } = context;
  const normed = graph.fresh("normed");
  const sum = graph.fresh("stream");
  const operator = norm.bias === undefined ? "SkipSimplifiedLayerNormalization" : "SkipLayerNormalization";
  graph.nodeInto(operator, [stream, delta, ...constants(context, norm)], [normed, "", "", sum], {
    domain: MICROSOFT,
    attributes: { epsilon: { float: shape.normEpsilon } },
  });
  return { stream: sum, normed };
}

/** Norms each head apart: x [batch, sequence, heads * headSize] with a norm of headSize. */
export function normalizeHeads(context: DecoderContext, x: Value, norm: Norm): Value {
  const { graph } = context;
  const apart = graph.node("Reshape", [x, graph.integers([0, 0, -1, norm.weight.length])]);
  return graph.node("Reshape", [normalize(context, apart, norm), graph.integers([0, 0, -1])]);
}

function constants({ graph }: DecoderContext, { name, weight, bias }: Norm): Value[] {
  const scale = graph.constant(`${name}.weight`, "float32", [weight.length], weight);
  return bias === undefined ? [scale] : [scale, graph.constant(`${name}.bias`, "float32", [bias.length], bias)];
}
