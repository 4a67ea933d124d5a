/**
 * Mixtures of experts (arXiv 1701.06538, 2401.04088): a router scores the experts for each token, and the best few of them feed
 * it forward, each with a weight.
 */

import type { Value } from "../onnx/graphBuilder.js";
import { readExpertWeights } from "./expertWeights.js";
import type { DecoderContext } from "./layers.js";
import { linear } from "./linear.js";
import type { ExpertShape } from "./modelShape.js";

/** Name of a graph output, float32 [batch * sequence, experts]: the router's scores in a layer, before any softmax. */
export function expertScores(layer: number): string {
  return `experts.${layer}.scores`;
}

/** x [batch, sequence, hidden] -> the same size. */
export function experts(context: DecoderContext, x: Value, layer: number, shape: ExpertShape): Value {
  const { graph, weights } = context;
  const { hiddenSize } = context.shape;
  const router = weights.matrix(`blk.${layer}.ffn_gate_inp.weight`, shape.count, hiddenSize);
  const flat = graph.node("Reshape", [x, graph.integers([-1, hiddenSize])]);
  const scores = linear(context, flat, `${layer}.router`, [router]);
  // Nobody has to fetch it, and then it costs nothing.
  const output = graph.output(expertScores(layer), "float32", ["tokens", shape.count]);
  graph.nodeInto("Identity", [scores], [output]);
  const mixed = mixture(context, flat, scores, layer, shape);
  const weighted = weight(context, mixed, scores, shape);
  return graph.node("Reshape", [weighted, graph.node("Shape", [x])]);
}

function mixture(context: DecoderContext, x: Value, scores: Value, layer: number, shape: ExpertShape): Value {
  const { graph } = context;
  const read = readExpertWeights(context, layer, shape);
  const attributes = {
    k: shape.used,
    activation_type: "swiglu",
    // Rows of the gate and rows to be gated take turns; silu(gate) * up, without the slope and the offset of other models.
    swiglu_fusion: 1,
    activation_alpha: { float: 1 },
    activation_beta: { float: 0 },
    normalize_routing_weights: 1,
  };
  const { hiddenSize: hidden, feedForwardSize: inner } = context.shape;
  const gateUp = graph.constant(`${layer}.experts.gateUp`, "float32", [shape.count, 2 * inner, hidden], read.gateUp);
  const down = graph.constant(`${layer}.experts.down`, "float32", [shape.count, hidden, inner], read.down);
  return graph.node("MoE", [x, scores, gateUp, "", down], { domain: "com.microsoft", attributes });
}

/** Makes weights that sum to 1 those that a softmax over all experts gives, where the model wants it. */
function weight({ graph }: DecoderContext, mixed: Value, scores: Value, shape: ExpertShape): Value {
  let factor: Value | undefined;
  if (!shape.normalized) {
    const shares = graph.node("Softmax", [scores], { attributes: { axis: -1 } });
    const best = graph.fresh("best");
    graph.nodeInto("TopK", [shares, graph.integers([shape.used])], [best, graph.fresh("indices")], {
      attributes: { axis: -1 },
    });
    factor = graph.node("ReduceSum", [best, graph.integers([-1])], { attributes: { keepdims: 1 } });
  }
  const weighted = factor === undefined ? mixed : graph.node("Mul", [mixed, factor]);
  return shape.scale === 1 ? weighted : graph.node("Mul", [weighted, graph.float(shape.scale)]);
}
