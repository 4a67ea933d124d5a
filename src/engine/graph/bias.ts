/** Biases of linear layers: added where the file has them, whatever the architecture. */

import type { Value } from "../onnx/graphBuilder.js";
import type { DecoderContext } from "./layers.js";

/** The tensors of a bias and their sizes, in the order of the rows of `x` [..., sum of the sizes]. */
export interface BiasPart {
  readonly tensor: string;
  readonly size: number;
}

export function withBias({ graph, weights }: DecoderContext, x: Value, parts: readonly BiasPart[]): Value {
  if (!parts.some((it) => weights.has(it.tensor))) return x;
  const bias = new Float32Array(parts.reduce((sum, it) => sum + it.size, 0));
  let at = 0;
  for (const { tensor, size } of parts) {
    if (weights.has(tensor)) bias.set(weights.vector(tensor, size), at);
    at += size;
  }
  return graph.node("Add", [x, graph.constant(graph.fresh("bias"), "float32", [bias.length], bias)]);
}
