/** The layers that architectures share. Values are [batch, sequence, size] unless a comment says otherwise. */

import type { Attribute, GraphBuilder, Value } from "../onnx/graphBuilder.js";
import type { CacheScales } from "./cacheScales.js";
import { hookNames } from "./hooks.js";
import { adaptedLinear, linear, type LinearContext } from "./linear.js";
import type { ModelShape } from "./modelShape.js";
import { rotaryTables } from "./rotary.js";
import type { Matrix } from "./weights.js";

/** What the layers of one graph share. */
export interface DecoderContext extends LinearContext {
  readonly shape: ModelShape;
  /** Positions that the rotary tables and the cache reach. */
  readonly contextTokens: number;
  /** Of each layer; set: the cache holds 8-bit integers. */
  readonly cacheScales: readonly CacheScales[] | undefined;
}

const MICROSOFT = "com.microsoft";

export function rmsNorm({ graph, shape }: DecoderContext, x: Value, name: string, weight: Float32Array): Value {
  const scale = graph.constant(name, "float32", [weight.length], weight);
  const attributes = { axis: -1, epsilon: { float: shape.normEpsilon }, stash_type: 1 };
  return graph.node("SimplifiedLayerNormalization", [x, scale], { attributes });
}

/** Adds `delta` to the residual stream and normalises the sum, in one operator. */
export function addAndNorm(
  { graph, shape }: DecoderContext,
  stream: Value,
  delta: Value,
  name: string,
  weight: Float32Array,
): { readonly stream: Value; readonly normed: Value } {
  const scale = graph.constant(name, "float32", [weight.length], weight);
  const normed = graph.fresh("normed");
  const sum = graph.fresh("stream");
  graph.nodeInto("SkipSimplifiedLayerNormalization", [stream, delta, scale], [normed, "", "", sum], {
    domain: MICROSOFT,
    attributes: { epsilon: { float: shape.normEpsilon } },
  });
  return { stream: sum, normed };
}

/** The inputs of the whole graph that attention reads; see decoderGraph.ts. */
export interface AttentionInputs {
  /** int32 [batch]: the last position of each row. */
  readonly lastPositions: Value;
  /** int32 []: the longest row's length. */
  readonly totalLength: Value;
  readonly cos: Value;
  readonly sin: Value;
  /** int64 [batch, sequence]: where each token stands; `""` where the cache's length says so. */
  readonly positions: Value;
}

export function attentionInputs(context: DecoderContext): AttentionInputs {
  const { graph, shape, weights, contextTokens, hooks } = context;
  const half = shape.rope.size / 2;
  const divisors = weights.has("rope_freqs.weight") ? weights.vector("rope_freqs.weight", half) : undefined;
  const { cos, sin } = rotaryTables(shape.rope, contextTokens, divisors);
  return {
    lastPositions: graph.input("lastPositions", "int32", ["batch"]),
    totalLength: graph.input("totalLength", "int32", []),
    cos: graph.constant("rope.cos", "float32", [contextTokens, half], cos),
    sin: graph.constant("rope.sin", "float32", [contextTokens, half], sin),
    positions: hooks.has("positions") ? graph.input("positions", "int64", ["batch", "sequence"]) : "",
  };
}

/** Names of the cache's tensors, as inputs and as outputs of the graph. */
export function cacheNames(layer: number) {
  return {
    pastKey: `past.${layer}.key`,
    pastValue: `past.${layer}.value`,
    presentKey: `present.${layer}.key`,
    presentValue: `present.${layer}.value`,
  };
}

/** Grouped-query attention over `qkv` [batch, sequence, (heads + 2 kvHeads) * headSize], with the cache and rotation. */
export function attention(
  { graph, shape, cacheScales }: DecoderContext,
  layer: number,
  qkv: Value,
  inputs: AttentionInputs,
): Value {
  const { heads, kvHeads, headSize, rope } = shape;
  const names = cacheNames(layer);
  const type = cacheScales === undefined ? "float32" : "int8";
  for (const it of [names.pastKey, names.pastValue]) graph.input(it, type, ["batch", kvHeads, "past", headSize]);
  for (const it of [names.presentKey, names.presentValue]) {
    graph.output(it, type, ["batch", kvHeads, "present", headSize]);
  }
  const attended = graph.fresh("attended");
  const { lastPositions, totalLength, cos, sin, positions } = inputs;
  const quantised = quantisedCache(graph, layer, shape, cacheScales?.[layer]);
  graph.nodeInto(
    "GroupQueryAttention",
    [qkv, "", "", names.pastKey, names.pastValue, lastPositions, totalLength, cos, sin, positions, ...quantised.inputs],
    [attended, names.presentKey, names.presentValue],
    {
      domain: MICROSOFT,
      attributes: {
        num_heads: heads,
        kv_num_heads: kvHeads,
        do_rotary: 1,
        rotary_interleaved: rope.interleaved ? 1 : 0,
        scale: { float: 1 / Math.sqrt(headSize) },
        ...quantised.attributes,
      },
    },
  );
  return attended;
}

/** What attention reads besides when its cache holds 8-bit integers. */
function quantisedCache(
  graph: GraphBuilder,
  layer: number,
  { kvHeads, headSize }: ModelShape,
  scales: CacheScales | undefined,
): { readonly inputs: readonly Value[]; readonly attributes: Readonly<Record<string, Attribute>> } {
  if (scales === undefined) return { inputs: [], attributes: {} };
  const dims = [1, kvHeads, 1, headSize];
  const key = graph.constant(`${layer}.keyScales`, "float32", dims, scales.key);
  const value = graph.constant(`${layer}.valueScales`, "float32", dims, scales.value);
  // Between the positions and the scales stand a bias and a sink of the heads.
  return {
    inputs: ["", "", key, value],
    attributes: { k_quant_type: "PER_CHANNEL", v_quant_type: "PER_CHANNEL", kv_cache_bit_width: 8 },
  };
}

/** down(silu(gate(x)) * up(x)) (arXiv 2002.05202) */
export function swiglu(
  context: DecoderContext,
  x: Value,
  layer: number,
  gate: Matrix,
  up: Matrix,
  down: Matrix,
): Value {
  const { graph } = context;
  const both = adaptedLinear(context, x, { layer, group: "gateUp" }, [gate, up]);
  const gated = graph.fresh("gated");
  const raised = graph.fresh("raised");
  graph.nodeInto("Split", [both], [gated, raised], { attributes: { axis: -1, num_outputs: 2 } });
  // QuickGelu with alpha 1 is x * sigmoid(x) in one operator.
  const silu = graph.node("QuickGelu", [gated], { domain: MICROSOFT, attributes: { alpha: { float: 1 } } });
  return adaptedLinear(context, graph.node("Mul", [silu, raised]), { layer, group: "down" }, [down]);
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
  const rows = graph.input("rows", "int64", ["rows"]);
  const chosenOf = (value: Value) => {
    const flat = graph.node("Reshape", [value, graph.integers([-1, shape.hiddenSize])]);
    return graph.node("Gather", [flat, rows], { attributes: { axis: 0 } });
  };
  // The head is the largest matrix of all: it is read once for all that it is applied to.
  const all = [normed, ...exits.map((it) => it.normed)].map(chosenOf);
  const chosen = all.length === 1 ? all[0]! : graph.node("Concat", all, { attributes: { axis: 0 } });
  const product = linear(context, chosen, "head", [head]);
  const products = exits.length === 0 ? [product] : all.map(() => graph.fresh("logits"));
  if (0 < exits.length)
    graph.nodeInto("Split", [product], products, { attributes: { axis: 0, num_outputs: all.length } });
  const names = ["logits", ...exits.map((it) => hookNames.exit(it.layers))];
  names.forEach((name, i) =>
    graph.nodeInto("Identity", [products[i]!], [graph.output(name, "float32", ["rows", shape.vocabularySize])]),
  );
}

/** The first output of the graph is a sequence, which stops the binding before it copies the others: see engine/ort. */
export function sentinelOutput(graph: GraphBuilder): void {
  graph.nodeInto("SequenceEmpty", [], [graph.sequenceOutput("sentinel", "float32")], { attributes: { dtype: 1 } });
}
