/**
 * The layers of a decoder-only model, one on the other. What differs between architectures is either a number of the head
 * (modelShape.ts), a tensor that a file has or has not (biases, norms of heads), or stands in the plan.
 */

import type { Value } from "../onnx/graphBuilder.js";
import { apart, attention, attentionInputs, type AttentionInputs, type QueriesKeysValues } from "./attention.js";
import { withBias } from "./bias.js";
import { experts } from "./experts.js";
import { feedForward, type FeedForwardKind } from "./feedForward.js";
import { hookedOutput, hookedStream } from "./hooks.js";
import { logitsHead, scaled, type DecoderContext, type EarlyExit } from "./layers.js";
import { adaptedLinear } from "./linear.js";
import { shortConvolution } from "./shortConvolution.js";
import { addAndNorm, normalize, normalizeHeads, readNorm } from "./norms.js";

export interface DecoderPlan {
  /** Without experts. */
  readonly feedForward: FeedForwardKind;
  /** Norms of queries and keys: of each head, or over all heads at once. */
  readonly queryKeyNorm?: "head" | "whole";
  /** What a sub-layer adds is normalised too. */
  readonly postNorms?: boolean;
  /** The name of the last norm's tensor; default `output_norm`. */
  readonly finalNorm?: string;
}

/** Adds everything between the input `embeddings` and the output `logits`. */
export function buildDecoder(context: DecoderContext, plan: DecoderPlan): void {
  const { shape, weights, hooks } = context;
  const inputs = attentionInputs(context);
  let stream = scaled(context, "embeddings", shape.scales.embedding);
  let delta: Value | undefined;
  const finalNorm = readNorm(context, plan.finalNorm ?? "output_norm", shape.hiddenSize, "norm");
  const exits: EarlyExit[] = [];
  for (let layer = 0; layer < shape.layers; layer++) {
    const behind = decoderLayer(context, plan, layer, stream, delta, inputs);
    // The norm at a layer's beginning is where the sum of the layer before is made.
    if (0 < layer) hookedStream(context, layer - 1, shape.hiddenSize, behind.entering);
    ({ stream, delta } = behind);
    const layers = layer + 1;
    if (!hooks.has(`exit.${layers}`)) continue;
    const { normed } = addAndNorm(context, stream, delta, { ...finalNorm, name: `exit.${layers}.norm` });
    exits.push({ layers, normed });
  }
  if (delta === undefined) throw new Error("a model has at least one layer");
  const { normed, stream: last } = addAndNorm(context, stream, delta, finalNorm);
  hookedStream(context, shape.layers - 1, shape.hiddenSize, last);
  const head = weights.has("output.weight") ? "output.weight" : "token_embd.weight";
  logitsHead(context, normed, weights.matrix(head, shape.vocabularySize, shape.hiddenSize), exits);
}

/** The residual stream and what is still to be added to it: the next norm adds it, in one operator. `entering`: as it began. */
function decoderLayer(
  context: DecoderContext,
  plan: DecoderPlan,
  layer: number,
  stream: Value,
  delta: Value | undefined,
  inputs: AttentionInputs,
): { readonly entering: Value; readonly stream: Value; readonly delta: Value } {
  const { shape } = context;
  const { hiddenSize } = shape;
  const norm = (name: string) => readNorm(context, `blk.${layer}.${name}`, hiddenSize);
  const added = (value: Value, postNorm: string) =>
    scaled(context, plan.postNorms === true ? normalize(context, value, norm(postNorm)) : value, shape.scales.residual);

  const attentionNorm = norm("attn_norm");
  const before =
    delta === undefined
      ? { stream, normed: normalize(context, stream, attentionNorm) }
      : addAndNorm(context, stream, delta, attentionNorm);
  const mixed =
    shape.convolution?.layers[layer] === true
      ? shortConvolution(context, before.normed, layer, shape.convolution)
      : attend(context, plan, layer, before.normed, inputs);
  const projected = added(mixed, "post_attention_norm");
  const output = hookedOutput(context, { layer, sublayer: "attention", hiddenSize }, before.stream, projected);

  const between = addAndNorm(context, before.stream, output, norm("ffn_norm"));
  const fed =
    shape.experts === undefined
      ? feedForward(context, between.normed, layer, plan.feedForward)
      : experts(context, between.normed, layer, shape.experts);
  return {
    entering: before.stream,
    stream: between.stream,
    delta: hookedOutput(
      context,
      { layer, sublayer: "feedForward", hiddenSize },
      between.stream,
      added(fed, "post_ffw_norm"),
    ),
  };
}

function attend(context: DecoderContext, plan: DecoderPlan, layer: number, x: Value, inputs: AttentionInputs): Value {
  const { hiddenSize, heads, headSize } = context.shape;
  const attended = attention(context, layer, queriesKeysValues(context, plan, layer, x), inputs);
  const matrix = context.weights.matrix(`blk.${layer}.attn_output.weight`, hiddenSize, heads * headSize);
  const product = adaptedLinear(context, attended, { layer, group: "output" }, [matrix]);
  return withBias(context, product, [{ tensor: `blk.${layer}.attn_output.bias`, size: hiddenSize }]);
}

function queriesKeysValues(context: DecoderContext, plan: DecoderPlan, layer: number, x: Value): QueriesKeysValues {
  const { shape, weights } = context;
  const { hiddenSize, heads, kvHeads, headSize } = shape;
  const [q, kv] = [heads * headSize, kvHeads * headSize];
  const tensor = (name: string, part: "weight" | "bias") => `blk.${layer}.${name}.${part}`;
  // Some files have the rows of all three in one tensor.
  const parts = weights.has(tensor("attn_qkv", "weight"))
    ? [{ name: "attn_qkv", size: q + 2 * kv }]
    : [
        { name: "attn_q", size: q },
        { name: "attn_k", size: kv },
        { name: "attn_v", size: kv },
      ];
  const matrices = parts.map(({ name, size }) => weights.matrix(tensor(name, "weight"), size, hiddenSize));
  const product = adaptedLinear(context, x, { layer, group: "qkv" }, matrices);
  const biases = parts.map(({ name, size }) => ({ tensor: tensor(name, "bias"), size }));
  const together = withBias(context, product, biases);
  if (plan.queryKeyNorm === undefined) return { together };
  const { queries, keys, values } = apart(context, { together });
  const normed = (value: Value, name: string, size: number) =>
    plan.queryKeyNorm === "head"
      ? normalizeHeads(context, value, readNorm(context, `blk.${layer}.${name}`, headSize))
      : normalize(context, value, readNorm(context, `blk.${layer}.${name}`, size));
  return { queries: normed(queries, "attn_q_norm", q), keys: normed(keys, "attn_k_norm", kv), values };
}
