/** Attention of one layer, over the cache: [batch, sequence, ...] in, [batch, sequence, heads * headSize] out. */

import type { Attribute, GraphBuilder, Value } from "../onnx/graphBuilder.js";
import type { CacheScales } from "./cacheScales.js";
import type { DecoderContext } from "./layers.js";
import { cacheIndex, type ModelShape, type RopeShape } from "./modelShape.js";
import { rotaryTables } from "./rotary.js";

/** The inputs of the whole graph that attention reads; see decoderGraph.ts. */
export interface AttentionInputs {
  /** int32 [batch]: the last position of each row. */
  readonly lastPositions: Value;
  /** int32 []: the longest row's length. */
  readonly totalLength: Value;
  /** int64 [batch, sequence]: where each token stands; `""` where the cache's length says so. */
  readonly positions: Value;
  /** Cosines and sines, one pair for each way of rotating that layers have. */
  readonly rotary: ReadonlyMap<RopeShape, { readonly cos: Value; readonly sin: Value }>;
}

export function attentionInputs(context: DecoderContext): AttentionInputs {
  const { graph, shape, contextTokens, hooks } = context;
  const rotary = new Map<RopeShape, { readonly cos: Value; readonly sin: Value }>();
  for (const { rope } of shape.attention.layers) {
    if (rope === undefined || rotary.has(rope)) continue;
    const half = rope.size / 2;
    const { cos, sin } = rotaryTables(rope, contextTokens, divisorsOf(context, rope));
    const name = (part: string) => `rope${rotary.size === 0 ? "" : rotary.size}.${part}`;
    rotary.set(rope, {
      cos: graph.constant(name("cos"), "float32", [contextTokens, half], cos),
      sin: graph.constant(name("sin"), "float32", [contextTokens, half], sin),
    });
  }
  return {
    lastPositions: graph.input("lastPositions", "int32", ["batch"]),
    totalLength: graph.input("totalLength", "int32", []),
    positions: hooks.has("positions") ? graph.input("positions", "int64", ["batch", "sequence"]) : "",
    rotary,
  };
}

/** What the file says that each frequency is divided by. */
function divisorsOf(
  { weights, contextTokens }: DecoderContext,
  { size, scaling }: RopeShape,
): Float32Array | undefined {
  const read = (name: string) => (weights.has(name) ? weights.vector(name, size / 2) : undefined);
  const plain = read("rope_freqs.weight");
  if (plain !== undefined || scaling?.kind !== "longrope") return plain;
  // The room that is reserved decides and not the prompt's length: keys that are cached cannot be turned again.
  return read(`rope_factors_${scaling.originalContext < contextTokens ? "long" : "short"}.weight`);
}

/** Names of the cache's tensors, as inputs and as outputs of the graph, by the number among layers that attend. */
export function cacheNames(layer: number) {
  return {
    pastKey: `past.${layer}.key`,
    pastValue: `past.${layer}.value`,
    presentKey: `present.${layer}.key`,
    presentValue: `present.${layer}.value`,
  };
}

/** Queries, keys and values: side by side in one value, [(heads + 2 kvHeads) * headSize], or apart. */
export type QueriesKeysValues =
  { readonly together: Value } | { readonly queries: Value; readonly keys: Value; readonly values: Value };

/** Grouped-query attention (arXiv 2305.13245) with the layer's rotation, window and soft cap. */
export function attention(
  context: DecoderContext,
  layer: number,
  qkv: QueriesKeysValues,
  inputs: AttentionInputs,
): Value {
  const { graph, shape, cacheScales } = context;
  const { heads, kvHeads, headSize } = shape;
  const { scale, softCap } = shape.attention;
  const { rope, window } = shape.attention.layers[layer]!;
  const index = cacheIndex(shape, layer);
  const names = cacheNames(index);
  const type = cacheScales === undefined ? "float32" : "int8";
  for (const it of [names.pastKey, names.pastValue]) graph.input(it, type, ["batch", kvHeads, "past", headSize]);
  for (const it of [names.presentKey, names.presentValue]) {
    graph.output(it, type, ["batch", kvHeads, "present", headSize]);
  }
  const quantised = quantisedCache(graph, index, shape, cacheScales?.[index]);
  const isOutside = rope !== undefined && !rotatesInside(headSize, rope);
  const given = isOutside ? rotated(context, qkv, rope, inputs) : qkv;
  const values = "together" in given ? [given.together, "", ""] : [given.queries, given.keys, given.values];
  const tables = rope === undefined || isOutside ? undefined : inputs.rotary.get(rope)!;
  const attended = graph.fresh("attended");
  graph.nodeInto(
    "GroupQueryAttention",
    withoutTail([
      ...values,
      names.pastKey,
      names.pastValue,
      inputs.lastPositions,
      inputs.totalLength,
      ...(tables === undefined ? ["", "", ""] : [tables.cos, tables.sin, inputs.positions]),
      ...quantised.inputs,
    ]),
    [attended, names.presentKey, names.presentValue],
    {
      domain: "com.microsoft",
      attributes: {
        num_heads: heads,
        kv_num_heads: kvHeads,
        do_rotary: tables === undefined ? 0 : 1,
        rotary_interleaved: rope?.interleaved === true ? 1 : 0,
        scale: { float: scale },
        ...(softCap !== undefined && { softcap: { float: softCap } }),
        ...(window !== undefined && { local_window_size: window }),
        ...quantised.attributes,
      },
    },
  );
  return attended;
}

/** Inputs at the end that are not given are left out. */
function withoutTail(values: readonly Value[]): readonly Value[] {
  return values.slice(0, values.findLastIndex((it) => it !== "") + 1);
}

/** What attention reads besides when its cache holds 8-bit integers. */
function quantisedCache(
  graph: GraphBuilder,
  index: number,
  { kvHeads, headSize }: ModelShape,
  scales: CacheScales | undefined,
): { readonly inputs: readonly Value[]; readonly attributes: Readonly<Record<string, Attribute>> } {
  if (scales === undefined) return { inputs: [], attributes: {} };
  const dims = [1, kvHeads, 1, headSize];
  const key = graph.constant(`${index}.keyScales`, "float32", dims, scales.key);
  const value = graph.constant(`${index}.valueScales`, "float32", dims, scales.value);
  // Between the positions and the scales stand a bias and a sink of the heads.
  return {
    inputs: ["", "", key, value],
    attributes: { k_quant_type: "PER_CHANNEL", v_quant_type: "PER_CHANNEL", kv_cache_bit_width: 8 },
  };
}

/** The operator turns heads of these sizes only; others are turned before it. */
function rotatesInside(headSize: number, { size }: RopeShape): boolean {
  return headSize % 16 === 0 && size % 16 === 0;
}

function rotated(context: DecoderContext, qkv: QueriesKeysValues, rope: RopeShape, inputs: AttentionInputs) {
  const { graph, shape } = context;
  const { heads, kvHeads, headSize } = shape;
  const { queries, keys, values } = apart(context, qkv);
  const { cos, sin } = inputs.rotary.get(rope)!;
  const positions = positionsOf(context, inputs);
  const turn = (x: Value, count: number) =>
    graph.node("RotaryEmbedding", [x, positions, cos, sin], {
      domain: "com.microsoft",
      attributes: {
        interleaved: rope.interleaved ? 1 : 0,
        num_heads: count,
        ...(rope.size < headSize && { rotary_embedding_dim: rope.size }),
      },
    });
  return { queries: turn(queries, heads), keys: turn(keys, kvHeads), values };
}

/** int64 [batch, sequence]: a row's last position is given, and those before it follow. */
function positionsOf({ graph }: DecoderContext, { lastPositions, positions }: AttentionInputs): Value {
  if (positions !== "") return positions;
  const length = graph.node("Gather", [graph.node("Shape", ["embeddings"]), graph.integers([1], [])]);
  const counted = graph.node("Range", [graph.integers([1], []), graph.node("Add", [length, graph.integers([1], [])]), graph.integers([1], [])]); // prettier-ignore
  const back = graph.node("Sub", [counted, length]);
  const last = graph.node("Cast", [lastPositions], { attributes: { to: 7 } });
  return graph.node("Add", [graph.node("Unsqueeze", [last, graph.integers([1])]), back]);
}

/** Queries, keys and values by themselves. */
export function apart({ graph, shape }: DecoderContext, qkv: QueriesKeysValues) {
  if (!("together" in qkv)) return qkv;
  const { heads, kvHeads, headSize } = shape;
  const [queries, keys, values] = [graph.fresh("queries"), graph.fresh("keys"), graph.fresh("values")];
  const sizes = [heads, kvHeads, kvHeads].map((it) => it * headSize);
  graph.nodeInto("Split", [qkv.together, graph.integers(sizes)], [queries, keys, values], { attributes: { axis: -1 } });
  return { queries, keys, values };
}
