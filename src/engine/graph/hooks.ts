/**
 * Places of a graph where adapters join in. Each is a set of graph inputs that say what is added; a graph is built with the
 * places that are in use, because every one of them costs time in every step.
 */

import type { GraphBuilder, Value } from "../onnx/graphBuilder.js";
import type { Group } from "./modules.js";

export const activations = ["relu", "swish", "gelu", "gelu_new", "tanh", "sigmoid", "leakyrelu"] as const;
export type Activation = (typeof activations)[number];

export const sublayers = ["attention", "feedForward"] as const;
export type Sublayer = (typeof sublayers)[number];

/**
 * `lora`: y + (x A) B. `outputScale`: y * l. `inputScale`: W (x * l). `routed`: y + (w(x) * (x A)) B with weights by experts.
 * `bottleneck`: y + up(act(down(...))) behind a sub-layer. `steer`: a vector that is added to the stream behind a layer.
 * `exit.N`: the logits behind the first N layers are an output. `streams`: the residual stream behind every layer is one.
 * `positions`: no adapter, but a place like these: tokens are told their positions, which the cache alone does not say any more
 * when it forgets (engine/ort/slotCache.ts).
 */
export type Hook =
  | `${"lora" | "outputScale" | "inputScale" | "routed"}.${Group}`
  | `bottleneck.${Sublayer}.${Activation}`
  | "steer"
  | "positions"
  | `exit.${number}`
  | "streams";
export type Hooks = ReadonlySet<Hook>;

/** A graph input that adapters fill. */
export interface HookInput {
  readonly name: string;
  /** What it is without an adapter: it changes nothing. */
  readonly neutral: HookValue;
}

export interface HookValue {
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** The hooks of one graph while it is built. */
export interface HookContext {
  readonly graph: GraphBuilder;
  readonly hooks: Hooks;
  /** Filled as the graph is built. */
  readonly hookInputs: HookInput[];
  /** The values of one set of adapters: they are constants of the graph, which then has no inputs for any. */
  readonly fixed?: HookValues | undefined;
}

/** By the names of the inputs that they are for. */
export type HookValues = ReadonlyMap<string, HookValue>;

/** A size that adapters choose, and what it is without one. A "batch" is 1, or the number of rows. */
type Size = number | { readonly named: string; readonly neutral: number };
const batch: Size = { named: "batch", neutral: 1 };
const rank: Size = { named: "rank", neutral: 0 };

function hookInput({ graph, hookInputs, fixed }: HookContext, name: string, dims: readonly Size[], fill = 0): Value {
  const value = fixed?.get(name);
  if (value !== undefined) return constantOf(graph, name, value);
  // A name that several inputs share would promise that their sizes are equal.
  graph.input(
    name,
    "float32",
    dims.map((it) => (typeof it === "number" ? it : `${name}.${it.named}`)),
  );
  const neutral = dims.map((it) => (typeof it === "number" ? it : it.neutral));
  const data = new Float32Array(neutral.reduce((a, b) => a * b, 1)).fill(fill);
  hookInputs.push({ name, neutral: { dims: neutral, data } });
  return name;
}

/** Without the dimension of the rows, which is 1: onnxruntime arranges constant matrices for its products, and no stacks of them. */
function constantOf(graph: GraphBuilder, name: string, { dims, data }: HookValue): Value {
  return graph.constant(name, "float32", dims.slice(1), data);
}

/** Something joins in at a place of the graph; `name` is one of the inputs there. */
function isJoined({ hooks, fixed }: HookContext, hook: Hook, name: string): boolean {
  return hooks.has(hook) && (fixed === undefined || fixed.has(name));
}

export interface LinearPlace {
  readonly layer: number;
  readonly group: Group;
  readonly rows: number;
  readonly columns: number;
  /** Linear modules in the group, one after the other. */
  readonly modules: number;
}

/** Names of the inputs at one place, for those who fill them. */
export const hookNames = {
  loraA: (layer: number, group: Group) => `lora.${layer}.${group}.a`,
  loraB: (layer: number, group: Group) => `lora.${layer}.${group}.b`,
  outputScale: (layer: number, group: Group) => `outputScale.${layer}.${group}`,
  inputScale: (layer: number, group: Group) => `inputScale.${layer}.${group}`,
  routed: (layer: number, group: Group, part: "v" | "a" | "b" | "expand") => `routed.${layer}.${group}.${part}`,
  routedCount: "routed.topK",
  routedTemperature: "routed.temperature",
  /** Outputs: the experts' scores and weights, [batch, sequence, modules, experts]. */
  routedScores: (layer: number, group: Group) => `routed.${layer}.${group}.scores`,
  routedWeights: (layer: number, group: Group) => `routed.${layer}.${group}.weights`,
  /** Output: logits [rows, vocabulary]. */
  exit: (layers: number) => `exit.${layers}.logits`,
  /** Output: the residual stream behind a layer, steering included, [batch, sequence, hidden]. */
  stream: (layer: number) => `streams.${layer}`,
  steer: (layer: number) => `steer.${layer}`,
  bottleneck: (layer: number, sublayer: Sublayer, activation: Activation, part: BottleneckPart) =>
    `bottleneck.${layer}.${sublayer}.${activation}.${part}`,
} as const;
type BottleneckPart = "down" | "downStream" | "downBias" | "up" | "upBias";

/** A product of the model, `base` of x, with everything that adapters do to it. */
export function hookedProduct(context: HookContext, x: Value, place: LinearPlace, base: (x: Value) => Value): Value {
  const { graph, hooks } = context;
  const { layer, group, rows, columns } = place;
  const inputScale = hookNames.inputScale(layer, group);
  const outputScale = hookNames.outputScale(layer, group);
  const loraA = hookNames.loraA(layer, group);
  let input = x;
  if (isJoined(context, `inputScale.${group}`, inputScale))
    input = graph.node("Mul", [x, hookInput(context, inputScale, [batch, 1, columns], 1)]);
  let y = base(input);
  if (isJoined(context, `outputScale.${group}`, outputScale))
    y = graph.node("Mul", [y, hookInput(context, outputScale, [batch, 1, rows], 1)]);
  if (isJoined(context, `lora.${group}`, loraA)) {
    const a = hookInput(context, loraA, [batch, columns, rank]);
    const b = hookInput(context, hookNames.loraB(layer, group), [batch, rank, rows]);
    y = graph.node("Add", [y, graph.node("MatMul", [graph.node("MatMul", [x, a]), b])]);
  }
  return hooks.has(`routed.${group}`) ? graph.node("Add", [y, routed(context, x, place)]) : y;
}

/**
 * Arrow (arXiv 2405.11157): an expert's score for a token is |x . v|, v the direction that its B A stretches most; the best
 * ones share the token by a softmax of their scores.
 */
function routed(context: HookContext, x: Value, { layer, group, rows, columns, modules }: LinearPlace): Value {
  const { graph } = context;
  const name = (part: "v" | "a" | "b" | "expand") => hookNames.routed(layer, group, part);
  const { count, temperature } = routingNumbers(context);
  // Columns of v: module by module, expert by expert.
  const experts: Size = { named: "experts", neutral: modules };
  const v = hookInput(context, name("v"), [columns, experts]);
  const a = hookInput(context, name("a"), [columns, rank]);
  const b = hookInput(context, name("b"), [rank, rows]);
  const expand = hookInput(context, name("expand"), [experts, rank]);
  const flat = graph.node("Abs", [graph.node("MatMul", [x, v])]);
  const scores = graph.node("Reshape", [flat, graph.integers([0, 0, modules, -1])]);
  const best = graph.fresh("best");
  const indices = graph.fresh("indices");
  graph.nodeInto("TopK", [scores, count], [best, indices], { attributes: { axis: -1 } });
  const shares = graph.node("Softmax", [graph.node("Div", [best, temperature])], { attributes: { axis: -1 } });
  const none = graph.node("Sub", [scores, scores]);
  const weights = graph.node("ScatterElements", [none, indices, shares], { attributes: { axis: -1 } });
  const shape = ["batch", "sequence", modules, "experts"];
  graph.nodeInto("Identity", [scores], [graph.output(hookNames.routedScores(layer, group), "float32", shape)]);
  graph.nodeInto("Identity", [weights], [graph.output(hookNames.routedWeights(layer, group), "float32", shape)]);
  const perRank = graph.node("MatMul", [graph.node("Reshape", [weights, graph.integers([0, 0, -1])]), expand]);
  return graph.node("MatMul", [graph.node("Mul", [graph.node("MatMul", [x, a]), perRank]), b]);
}

/** How many experts share a token, int64 [1], and the temperature; the same at every place. */
function routingNumbers({ graph, hookInputs }: HookContext): { readonly count: Value; readonly temperature: Value } {
  const count = hookNames.routedCount;
  const temperature = hookNames.routedTemperature;
  if (!hookInputs.some((it) => it.name === count)) {
    graph.input(count, "int64", [1]);
    graph.input(temperature, "float32", [1]);
    hookInputs.push({ name: count, neutral: { dims: [1], data: BigInt64Array.of(1n) } });
    hookInputs.push({ name: temperature, neutral: { dims: [1], data: Float32Array.of(1) } });
  }
  return { count, temperature };
}

/** What is added to the stream behind a sub-layer with the output `y`: y what bottleneck modules make of it, and steering. */
export function hookedOutput(
  context: HookContext,
  { layer, sublayer, hiddenSize }: { readonly layer: number; readonly sublayer: Sublayer; readonly hiddenSize: number },
  stream: Value,
  y: Value,
): Value {
  const { graph } = context;
  let sum = y;
  for (const activation of activations) {
    const first = hookNames.bottleneck(layer, sublayer, activation, "down");
    if (!isJoined(context, `bottleneck.${sublayer}.${activation}`, first)) continue;
    const input = (part: BottleneckPart, dims: readonly Size[]) =>
      hookInput(context, hookNames.bottleneck(layer, sublayer, activation, part), dims);
    const down = graph.node("MatMul", [y, input("down", [batch, hiddenSize, rank])]);
    const downStream = graph.node("MatMul", [stream, input("downStream", [batch, hiddenSize, rank])]);
    const reduced = graph.node("Sum", [down, downStream, input("downBias", [batch, 1, rank])]);
    const up = graph.node("MatMul", [activate(graph, activation, reduced), input("up", [batch, rank, hiddenSize])]);
    sum = graph.node("Sum", [sum, up, input("upBias", [batch, 1, hiddenSize])]);
  }
  const steer = hookNames.steer(layer);
  if (sublayer === "feedForward" && isJoined(context, "steer", steer))
    sum = graph.node("Add", [sum, hookInput(context, steer, [batch, 1, hiddenSize])]);
  return sum;
}

/** Makes the stream behind a layer an output; it is computed in any case. */
export function hookedStream({ graph, hooks }: HookContext, layer: number, hiddenSize: number, stream: Value): void {
  if (!hooks.has("streams")) return;
  const output = graph.output(hookNames.stream(layer), "float32", ["batch", "sequence", hiddenSize]);
  graph.nodeInto("Identity", [stream], [output]);
}

function activate(graph: GraphBuilder, activation: Activation, x: Value): Value {
  switch (activation) {
    case "relu":
      return graph.node("Relu", [x]);
    case "swish":
      return graph.node("Mul", [x, graph.node("Sigmoid", [x])]);
    case "gelu":
      return graph.node("Gelu", [x], { attributes: { approximate: "none" } });
    case "gelu_new":
      return graph.node("Gelu", [x], { attributes: { approximate: "tanh" } });
    case "tanh":
      return graph.node("Tanh", [x]);
    case "sigmoid":
      return graph.node("Sigmoid", [x]);
    case "leakyrelu":
      return graph.node("LeakyRelu", [x], { attributes: { alpha: { float: 0.01 } } });
    default:
      return activation satisfies never;
  }
}
