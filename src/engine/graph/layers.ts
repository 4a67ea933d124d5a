/** What the layers of one graph share, and its two ends. */

import type { GraphBuilder, Value } from "../onnx/graphBuilder.js";
import type { CacheScales } from "./cacheScales.js";
import { hookNames } from "./hooks.js";
import { linear, type LinearContext } from "./linear.js";
import type { ModelShape } from "./modelShape.js";
import type { Matrix } from "./weights.js";

export interface DecoderContext extends LinearContext {
  readonly shape: ModelShape;
  /** Positions that the rotary tables and the cache reach. */
  readonly contextTokens: number;
  /** Of each layer; set: the cache holds 8-bit integers. */
  readonly cacheScales: readonly CacheScales[] | undefined;
}

/** x times a number; `undefined` is 1 and costs nothing. */
export function scaled({ graph }: DecoderContext, x: Value, factor: number | undefined): Value {
  return factor === undefined || factor === 1 ? x : graph.node("Mul", [x, graph.float(factor)]);
}

/** cap * tanh(x / cap) */
function softCapped(graph: GraphBuilder, x: Value, cap: number | undefined): Value {
  if (cap === undefined) return x;
  const bounded = graph.node("Tanh", [graph.node("Mul", [x, graph.float(1 / cap)])]);
  return graph.node("Mul", [bounded, graph.float(cap)]);
}

/** The stream behind some of the layers, ready for the head. */
export interface EarlyExit {
  readonly layers: number;
  readonly normed: Value;
}

/** Logits [rows, vocabulary] of the positions that the input `rows` names; those of an early exit as a further output. */
export function logitsHead(
  context: DecoderContext,
  normed: Value,
  head: Matrix,
  exits: readonly EarlyExit[] = [],
): void {
  const { graph, shape } = context;
  const { logitDivisor, logitSoftCap } = shape.scales;
  const rows = graph.input("rows", "int64", ["rows"]);
  const chosenOf = (value: Value) => {
    const flat = graph.node("Reshape", [value, graph.integers([-1, shape.hiddenSize])]);
    return graph.node("Gather", [flat, rows], { attributes: { axis: 0 } });
  };
  // The head is the largest matrix of all: it is read once for all that it is applied to.
  const all = [normed, ...exits.map((it) => it.normed)].map(chosenOf);
  const chosen = all.length === 1 ? all[0]! : graph.node("Concat", all, { attributes: { axis: 0 } });
  const plain = linear(context, chosen, "head", [head]);
  const divided = scaled(context, plain, logitDivisor === undefined ? undefined : 1 / logitDivisor);
  const product = softCapped(graph, divided, logitSoftCap);
  const products = exits.length === 0 ? [product] : all.map(() => graph.fresh("logits"));
  if (0 < exits.length) {
    // The sizes are said: without them, no rows at all (a piece of a prompt) cannot be split.
    const size = graph.node("Shape", [rows]);
    const sizes = graph.node("Concat", Array<Value>(all.length).fill(size), { attributes: { axis: 0 } });
    graph.nodeInto("Split", [product, sizes], products, { attributes: { axis: 0 } });
  }
  const names = ["logits", ...exits.map((it) => hookNames.exit(it.layers))];
  names.forEach((name, i) =>
    graph.nodeInto("Identity", [products[i]!], [graph.output(name, "float32", ["rows", shape.vocabularySize])]),
  );
}

/** The first output of the graph is a sequence, which stops the binding before it copies the others: see engine/ort. */
export function sentinelOutput(graph: GraphBuilder): void {
  graph.nodeInto("SequenceEmpty", [], [graph.sequenceOutput("sentinel", "float32")], { attributes: { dtype: 1 } });
}
