/** Llama and its many relatives in files of the same architecture: SmolLM2, Mistral, Llama 2 and 3. */

import { TillerError } from "../../../base/error.js";
import type { Architecture } from "../architecture.js";
import {
  addAndNorm,
  attention,
  attentionInputs,
  logitsHead,
  rmsNorm,
  swiglu,
  type AttentionInputs,
  type EarlyExit,
  type DecoderContext,
} from "../layers.js";
import { hookedOutput, hookedStream } from "../hooks.js";
import { adaptedLinear } from "../linear.js";
import { gatedDecoderModules } from "../modules.js";
import { readCommonShape } from "../commonShape.js";
import type { Value } from "../../onnx/graphBuilder.js";

export const llama: Architecture = {
  name: "llama",

  readShape(metadata, vocabularySize) {
    // Rows of q and k are permuted in these files so that pairs of the rotation are neighbours.
    const shape = readCommonShape(metadata, vocabularySize, { ropeInterleaved: true });
    const experts = metadata.number("llama.expert_count") ?? 0;
    if (0 < experts) {
      throw new TillerError(
        "model-unsupported",
        `This is a mixture of ${experts} experts, which this version cannot run yet.`,
      );
    }
    return shape;
  },

  modules: gatedDecoderModules,

  build(context) {
    const { shape, weights } = context;
    const inputs = attentionInputs(context);
    let stream: Value = "embeddings";
    let delta: Value | undefined;
    const norm = weights.vector("output_norm.weight", shape.hiddenSize);
    const exits: EarlyExit[] = [];
    for (let layer = 0; layer < shape.layers; layer++) {
      const behind = decoderLayer(context, layer, stream, delta, inputs);
      // The norm at a layer's beginning is where the sum of the layer before is made.
      if (0 < layer) hookedStream(context, layer - 1, shape.hiddenSize, behind.entering);
      ({ stream, delta } = behind);
      const layers = layer + 1;
      if (!context.hooks.has(`exit.${layers}`)) continue;
      const { normed } = addAndNorm(context, stream, delta, `exit.${layers}.norm`, norm);
      exits.push({ layers, normed });
    }
    if (delta === undefined) throw new Error("a model has at least one layer");
    const last = addAndNorm(context, stream, delta, "norm", norm);
    hookedStream(context, shape.layers - 1, shape.hiddenSize, last.stream);
    const head = weights.has("output.weight") ? "output.weight" : "token_embd.weight";
    logitsHead(context, last.normed, weights.matrix(head, shape.vocabularySize, shape.hiddenSize), exits);
  },
};

/** The residual stream and what is still to be added to it: the next norm adds it, in one operator. `entering`: as it began. */
function decoderLayer(
  context: DecoderContext,
  layer: number,
  stream: Value,
  delta: Value | undefined,
  inputs: AttentionInputs,
) {
  const { shape, weights } = context;
  const { hiddenSize, feedForwardSize, heads, kvHeads, headSize } = shape;
  const tensor = (name: string) => `blk.${layer}.${name}.weight`;
  const vector = (name: string) => weights.vector(tensor(name), hiddenSize);
  const matrix = (name: string, rows: number, columns: number) => weights.matrix(tensor(name), rows, columns);

  const attentionNorm = vector("attn_norm");
  const before =
    delta === undefined
      ? { stream, normed: rmsNorm(context, stream, `${layer}.attentionNorm`, attentionNorm) }
      : addAndNorm(context, stream, delta, `${layer}.attentionNorm`, attentionNorm);
  const qkv = adaptedLinear(context, before.normed, { layer, group: "qkv" }, [
    matrix("attn_q", heads * headSize, hiddenSize),
    matrix("attn_k", kvHeads * headSize, hiddenSize),
    matrix("attn_v", kvHeads * headSize, hiddenSize),
  ]);
  const attended = attention(context, layer, qkv, inputs);
  const projection = matrix("attn_output", hiddenSize, heads * headSize);
  const projected = adaptedLinear(context, attended, { layer, group: "output" }, [projection]);
  const output = hookedOutput(context, { layer, sublayer: "attention", hiddenSize }, before.stream, projected);

  const between = addAndNorm(context, before.stream, output, `${layer}.feedForwardNorm`, vector("ffn_norm"));
  const gate = matrix("ffn_gate", feedForwardSize, hiddenSize);
  const up = matrix("ffn_up", feedForwardSize, hiddenSize);
  const down = matrix("ffn_down", hiddenSize, feedForwardSize);
  const fed = swiglu(context, between.normed, layer, gate, up, down);
  return {
    entering: before.stream,
    stream: between.stream,
    delta: hookedOutput(context, { layer, sublayer: "feedForward", hiddenSize }, between.stream, fed),
  };
}
