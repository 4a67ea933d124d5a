/**
 * Mixtures of experts (arXiv 1701.06538, 2401.04088): a router scores the experts for each token, and the best few of them feed
 * it forward, each with a weight.
 *
 * Tokens are sorted by their experts; each expert is then one product over its own tokens, which may be none, with the kernels
 * that all other layers have. onnxruntime's own operator (QMoE) decodes the weights of an expert again in every step: at the
 * sizes of OLMoE it took 67 ms a layer and token with 8 bits and 500 ms with 4; this takes 1.6 and 0.9 ms.
 */

import type { Value } from "../onnx/graphBuilder.js";
import { silu } from "./feedForward.js";
import type { DecoderContext } from "./layers.js";
import { extendOnce, linear } from "./linear.js";
import type { ExpertShape } from "./modelShape.js";

/** Name of a graph output, float32 [batch * sequence, experts]: the router's scores in a layer, before any softmax. */
export function expertScores(layer: number): string {
  return `experts.${layer}.scores`;
}

/** x [batch, sequence, hidden] -> the same size. */
export function experts(context: DecoderContext, x: Value, layer: number, shape: ExpertShape): Value {
  const { graph, weights } = context;
  const { hiddenSize: hidden, feedForwardSize: inner } = context.shape;
  const tokens = graph.node("Reshape", [x, graph.integers([-1, hidden])]);
  const router = weights.matrix(`blk.${layer}.ffn_gate_inp.weight`, shape.count, hidden);
  const scores = linear(context, tokens, `${layer}.router`, [router]);
  // Nobody has to fetch it, and then it costs nothing.
  const output = graph.output(expertScores(layer), "float32", ["tokens", shape.count]);
  graph.nodeInto("Identity", [scores], [output]);

  const chosen = chooseExperts(context, scores, shape);
  const sorted = sortByExpert(context, chosen.experts, shape);
  const stack = (name: string, rows: number, columns: number) =>
    weights.stack(`blk.${layer}.${name}.weight`, shape.count, rows, columns);
  const gates = stack("ffn_gate_exps", inner, hidden);
  const ups = stack("ffn_up_exps", inner, hidden);
  const downs = stack("ffn_down_exps", hidden, inner);
  const input = extendOnce(context, tokens, [...gates, ...ups]);
  const both = eachExpert(context, sorted, graph.node("Gather", [input.value, sorted.tokens]), (own, expert) => {
    input.isPart(own);
    return linear(context, own, `${layer}.experts.${expert}.gateUp`, [gates[expert]!, ups[expert]!]);
  });
  const gated = extendOnce(context, gatedBySilu(context, both), downs);
  const fed = eachExpert(context, sorted, gated.value, (own, expert) => {
    gated.isPart(own);
    return linear(context, own, `${layer}.experts.${expert}.down`, [downs[expert]!]);
  });
  const byToken = graph.node("Gather", [fed, sorted.places]);
  const perToken = graph.node("Reshape", [byToken, graph.integers([-1, shape.used, hidden])]);
  const mixed = graph.node("MatMul", [chosen.weights, perToken]);
  return graph.node("Reshape", [mixed, graph.node("Shape", [x])]);
}

interface Chosen {
  /** int64 [tokens, used] */
  readonly experts: Value;
  /** float32 [tokens, 1, used] */
  readonly weights: Value;
}

function chooseExperts({ graph }: DecoderContext, scores: Value, { used, normalized, scale }: ExpertShape): Chosen {
  const softmax = (value: Value) => graph.node("Softmax", [value], { attributes: { axis: -1 } });
  const best = graph.fresh("best");
  const chosen = graph.fresh("experts");
  graph.nodeInto("TopK", [normalized ? scores : softmax(scores), graph.integers([used])], [best, chosen], {
    attributes: { axis: -1 },
  });
  // A softmax over the best is a softmax over all, made to sum to 1.
  const shares = normalized ? softmax(best) : best;
  const scaled = scale === 1 ? shares : graph.node("Mul", [shares, graph.float(scale)]);
  return { experts: chosen, weights: graph.node("Unsqueeze", [scaled, graph.integers([1])]) };
}

/** An assignment is one token at one of its experts; there are `tokens * used` of them. All are int64. */
interface SortedByExpert {
  /** [assignments]: the token of each, those of the first expert first. */
  readonly tokens: Value;
  /** [experts]: how many each has. */
  readonly counts: Value;
  /** [assignments]: where each stands in the sorted order, those of the first token first. */
  readonly places: Value;
  readonly experts: number;
}

function sortByExpert({ graph }: DecoderContext, chosen: Value, { count, used }: ExpertShape): SortedByExpert {
  const integer = (value: number) => graph.integers([value], []);
  const flat = graph.node("Reshape", [chosen, graph.integers([-1])]);
  const total = graph.node("Shape", [flat]);
  const positions = graph.node("Range", [integer(0), graph.node("Squeeze", [total]), integer(1)]);
  const keys = graph.node("Add", [graph.node("Mul", [flat, total]), positions]);
  const order = graph.fresh("order");
  graph.nodeInto("TopK", [keys, total], [graph.fresh("keys"), order], { attributes: { axis: 0, largest: 0 } });
  const ones = graph.node("OneHot", [flat, integer(count), graph.integers([0, 1])]);
  return {
    tokens: graph.node("Div", [order, integer(used)]),
    counts: graph.node("ReduceSum", [ones, graph.integers([0])], { attributes: { keepdims: 0 } }),
    places: graph.node("ScatterElements", [positions, order, positions], { attributes: { axis: 0 } }),
    experts: count,
  };
}

/** What each expert makes of its part of `sorted` [assignments, ...], one below the other. */
function eachExpert(
  { graph }: DecoderContext,
  { counts, experts: count }: SortedByExpert,
  sorted: Value,
  make: (own: Value, expert: number) => Value,
): Value {
  const parts = Array.from({ length: count }, () => graph.fresh("own"));
  graph.nodeInto("Split", [sorted, counts], parts, { attributes: { axis: 0 } });
  return graph.node("Concat", parts.map(make), { attributes: { axis: 0 } });
}

function gatedBySilu({ graph }: DecoderContext, both: Value): Value {
  const gated = graph.fresh("gated");
  const raised = graph.fresh("raised");
  graph.nodeInto("Split", [both], [gated, raised], { attributes: { axis: -1, num_outputs: 2 } });
  return graph.node("Mul", [silu(graph, gated), raised]);
}
