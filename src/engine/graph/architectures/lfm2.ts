/** LFM 2: most layers are short convolutions, the others attend; both feed forward alike. */

import type { Architecture } from "../architecture.js";
import { readCommonShape } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import { gatedDecoderModules } from "../modules.js";

/** As training code names the modules, where it differs from others. */
const peftNames: Readonly<Record<string, string>> = {
  attn_output: "self_attn.out_proj",
  ffn_gate: "feed_forward.w1",
  ffn_up: "feed_forward.w3",
  ffn_down: "feed_forward.w2",
};

export const lfm2: Architecture = {
  name: "lfm2",

  readShape(metadata, vocabularySize) {
    const shape = readCommonShape(metadata, vocabularySize, { ropeInterleaved: false });
    const key = "lfm2.attention.head_count_kv";
    // Layers without heads are convolutions.
    const heads = metadata.isList(key) ? metadata.numbers(key)! : [];
    const layers = shape.attention.layers.map((_, layer) => heads[layer] === 0);
    const kernel = metadata.requiredCount("lfm2.shortconv.l_cache");
    return layers.includes(true) ? { ...shape, convolution: { kernel, layers } } : shape;
  },

  modules: (shape) =>
    gatedDecoderModules(shape).map((it) => ({ ...it, peftName: peftNames[it.ggufName] ?? it.peftName })),

  build: (context) =>
    buildDecoder(context, { feedForward: "silu", queryKeyNorm: "head", finalNorm: "token_embd_norm" }),
};
