/** Feed-forward networks: x [batch, sequence, hidden] -> the same size. */

import type { GraphBuilder, Value } from "../onnx/graphBuilder.js";
import { withBias, type BiasPart } from "./bias.js";
import type { DecoderContext } from "./layers.js";
import { adaptedLinear } from "./linear.js";

/** `silu` and `gelu`: down(act(gate(x)) * up(x)) (arXiv 2002.05202). `plainGelu`: down(gelu(up(x))). GELU by its tanh. */
export type FeedForwardKind = "silu" | "gelu" | "plainGelu";

export function feedForward(context: DecoderContext, x: Value, layer: number, kind: FeedForwardKind): Value {
  const { graph, shape, weights } = context;
  const { hiddenSize: hidden, feedForwardSize: inner } = shape;
  const matrix = (name: string, rows: number, columns: number) =>
    weights.matrix(`blk.${layer}.${name}.weight`, rows, columns);
  const bias = (name: string, size: number): BiasPart => ({ tensor: `blk.${layer}.${name}.bias`, size });
  const finish = (value: Value) => {
    const down = adaptedLinear(context, value, { layer, group: "down" }, [matrix("ffn_down", hidden, inner)]);
    return withBias(context, down, [bias("ffn_down", hidden)]);
  };
  if (kind === "plainGelu") {
    const up = adaptedLinear(context, x, { layer, group: "gateUp" }, [matrix("ffn_up", inner, hidden)]);
    return finish(activated(graph, "gelu", withBias(context, up, [bias("ffn_up", inner)])));
  }
  // Some files have the rows of the gate above those of `ffn_up`, in one tensor.
  const isFused = !weights.has(`blk.${layer}.ffn_gate.weight`);
  const matrices = isFused
    ? [matrix("ffn_up", 2 * inner, hidden)]
    : [matrix("ffn_gate", inner, hidden), matrix("ffn_up", inner, hidden)];
  const product = adaptedLinear(context, x, { layer, group: "gateUp" }, matrices);
  const biases = isFused ? [bias("ffn_up", 2 * inner)] : [bias("ffn_gate", inner), bias("ffn_up", inner)];
  const gated = graph.fresh("gated");
  const raised = graph.fresh("raised");
  graph.nodeInto("Split", [withBias(context, product, biases)], [gated, raised], {
    attributes: { axis: -1, num_outputs: 2 },
  });
  return finish(graph.node("Mul", [activated(graph, kind, gated), raised]));
}

function activated(graph: GraphBuilder, kind: "silu" | "gelu", x: Value): Value {
  return kind === "silu" ? silu(graph, x) : graph.node("Gelu", [x], { attributes: { approximate: "tanh" } });
}

/** x * sigmoid(x), in one operator. */
export function silu(graph: GraphBuilder, x: Value): Value {
  return graph.node("QuickGelu", [x], { domain: "com.microsoft", attributes: { alpha: { float: 1 } } });
}
