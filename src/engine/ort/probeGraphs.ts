/** Small graphs on which a device is tried: the operators of the real graph (graph/), with made-up weights. */

import { GraphBuilder, type Attribute, type OnnxModel, type Value } from "../onnx/graphBuilder.js";

export const HEAD = 64;
/** Positions that the cosines and sines reach. */
export const REACH = 256;

export interface AttentionVariant {
  readonly softCap?: number;
  readonly window?: number;
}

const HEADS = 8;
const KV_HEADS = 4;
export const attentionSizes = { kvHeads: KV_HEADS, width: (HEADS + 2 * KV_HEADS) * HEAD };

/** Input `x` [1, sequence, width] of queries, keys and values; output `y` [1, sequence, HEADS * HEAD]. */
export function attentionGraph({ softCap, window }: AttentionVariant): OnnxModel {
  const graph = new GraphBuilder();
  graph.input("x", "float32", [1, "sequence", attentionSizes.width]);
  graph.output("y", "float32", [1, "sequence", HEADS * HEAD]);
  const inputs = cacheInputs(graph);
  attention(graph, "x", "y", 0, {
    ...{ heads: HEADS, kvHeads: KV_HEADS, inputs },
    attributes: {
      ...(softCap !== undefined && { softcap: { float: softCap } }),
      ...(window !== undefined && { local_window_size: window }),
    },
  });
  return graph.build();
}

/** `layers` of a decoder, `width` wide: input `x` and output `y` [1, sequence, width]. `level` as in graph/linear.ts. */
export function layersGraph(width: number, layers: number, level: 1 | 4): OnnxModel {
  const graph = new GraphBuilder();
  const random = numbers(width);
  graph.input("x", "float32", [1, "sequence", width]);
  graph.output("y", "float32", [1, "sequence", width]);
  const inputs = cacheInputs(graph);
  const heads = width / HEAD;
  const product = (x: Value, rows: number, columns: number) =>
    packedProduct(graph, x, { rows, columns, level, random });
  let stream: Value = "x";
  for (let layer = 0; layer < layers; layer++) {
    const attended = graph.fresh("attended");
    attention(graph, product(stream, 3 * width, width), attended, layer, { heads, kvHeads: heads, inputs });
    const between = graph.node("Add", [stream, product(attended, width, width)]);
    const up = graph.node("Tanh", [product(between, 6 * width, width)]);
    const [gate, value] = [graph.fresh("gate"), graph.fresh("value")];
    graph.nodeInto("Split", [up, graph.integers([3 * width, 3 * width])], [gate, value], { attributes: { axis: -1 } });
    const down = product(graph.node("Mul", [gate, value]), width, 3 * width);
    stream = graph.node("Tanh", [graph.node("Add", [between, down])]);
  }
  graph.nodeInto("Identity", [stream], ["y"]);
  return graph.build();
}

interface CacheInputs {
  readonly cos: Value;
  readonly sin: Value;
}

function cacheInputs(graph: GraphBuilder): CacheInputs {
  graph.input("lastPositions", "int32", [1]);
  graph.input("totalLength", "int32", []);
  const half = HEAD / 2;
  const table = (turn: (angle: number) => number) =>
    Float32Array.from({ length: REACH * half }, (_, i) => turn(Math.floor(i / half) * 100 ** (-(i % half) / half)));
  return {
    cos: graph.constant("cos", "float32", [REACH, half], table(Math.cos)),
    sin: graph.constant("sin", "float32", [REACH, half], table(Math.sin)),
  };
}

interface AttentionPlan {
  readonly heads: number;
  readonly kvHeads: number;
  readonly inputs: CacheInputs;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

function attention(graph: GraphBuilder, x: Value, y: Value, layer: number, plan: AttentionPlan): void {
  const { heads, kvHeads, inputs, attributes } = plan;
  const [pastKey, pastValue, presentKey, presentValue] = ["pastKey", "pastValue", "presentKey", "presentValue"].map(
    (it) => `${it}.${layer}`,
  ) as [Value, Value, Value, Value];
  for (const it of [pastKey, pastValue]) graph.input(it, "float32", [1, kvHeads, "past", HEAD]);
  for (const it of [presentKey, presentValue]) graph.output(it, "float32", [1, kvHeads, "present", HEAD]);
  graph.nodeInto(
    "GroupQueryAttention",
    [x, "", "", pastKey, pastValue, "lastPositions", "totalLength", inputs.cos, inputs.sin],
    [y, presentKey, presentValue],
    {
      domain: "com.microsoft",
      attributes: { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1, ...attributes },
    },
  );
}

interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly level: 1 | 4;
  readonly random: () => number;
}

const BLOCK = 32;

function packedProduct(graph: GraphBuilder, x: Value, { rows, columns, level, random }: Product): Value {
  const blocks = columns / BLOCK;
  const name = graph.fresh("weight");
  const values = graph.allocate((rows * columns) / 2);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  for (let i = 0; i < words.length; i++) words[i] = random();
  const bytes = graph.allocate(rows * blocks * 4);
  const scales = new Float32Array(bytes.buffer, bytes.byteOffset, rows * blocks);
  // So that a product of values around 1 gives values around 1.
  scales.fill(1 / (4 * Math.sqrt(columns)));
  const inputs = [
    x,
    graph.constant(`${name}.values`, "uint8", [rows, blocks, BLOCK / 2], values),
    graph.constant(`${name}.scales`, "float32", [rows * blocks], scales),
  ];
  const attributes = { K: columns, N: rows, bits: 4, block_size: BLOCK, accuracy_level: level };
  return graph.node("MatMulNBits", inputs, { domain: "com.microsoft", attributes });
}

/** 32 bits at a time (xorshift). */
function numbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    return (state ^= state << 5) >>> 0;
  };
}
