/**
 * The short convolution that stands in attention's place in some layers of LFM 2: each channel sees itself in the last few
 * positions, gated before and behind. x [batch, sequence, hidden] -> the same size.
 */

import type { Value } from "../onnx/graphBuilder.js";
import type { DecoderContext } from "./layers.js";
import { linear } from "./linear.js";
import type { ConvolutionShape } from "./modelShape.js";

/** Names of what the cache keeps of a layer, as input [batch, kernel - 1, hidden] and output [batch, sequence, hidden]. */
export function convolutionNames(layer: number) {
  return { past: `past.${layer}.convolution`, present: `present.${layer}.convolution` };
}

export function shortConvolution(
  context: DecoderContext,
  x: Value,
  layer: number,
  { kernel }: ConvolutionShape,
): Value {
  const { graph, shape, weights } = context;
  const { hiddenSize: hidden } = shape;
  const tensor = (name: string) => `blk.${layer}.shortconv.${name}.weight`;
  const before = graph.fresh("before");
  const behind = graph.fresh("behind");
  const values = graph.fresh("values");
  const all = linear(context, x, `${layer}.convolution.in`, [weights.matrix(tensor("in_proj"), 3 * hidden, hidden)]);
  graph.nodeInto("Split", [all], [before, behind, values], { attributes: { axis: -1, num_outputs: 3 } });
  const gated = graph.node("Mul", [before, values]);

  const names = convolutionNames(layer);
  graph.input(names.past, "float32", ["batch", kernel - 1, hidden]);
  graph.nodeInto("Identity", [gated], [graph.output(names.present, "float32", ["batch", "sequence", hidden])]);
  const longer = graph.node("Concat", [names.past, gated], { attributes: { axis: 1 } });
  // [hidden, kernel]: the last tap is for the position itself.
  const taps = weights.readFloats(weights.matrix(tensor("conv"), hidden, kernel));
  const terms = Array.from({ length: kernel }, (_, tap) => {
    const weight = Float32Array.from({ length: hidden }, (_, channel) => taps[channel * kernel + tap]!);
    const end = tap === kernel - 1 ? 2 ** 31 : tap - (kernel - 1);
    const moved = graph.node("Slice", [longer, graph.integers([tap]), graph.integers([end]), graph.integers([1])]);
    return graph.node("Mul", [moved, graph.constant(`${layer}.convolution.${tap}`, "float32", [hidden], weight)]);
  });
  const mixed = graph.node("Mul", [behind, graph.node("Sum", terms)]);
  return linear(context, mixed, `${layer}.convolution.out`, [weights.matrix(tensor("out_proj"), hidden, hidden)]);
}
