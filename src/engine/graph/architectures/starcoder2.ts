/** StarCoder 2: layer norms and biases everywhere, and a feed-forward network without a gate. */

import type { Architecture } from "../architecture.js";
import { readCommonShape } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import { gatedDecoderModules } from "../modules.js";

export const starcoder2: Architecture = {
  name: "starcoder2",

  readShape: (metadata, vocabularySize) =>
    readCommonShape(metadata, vocabularySize, { ropeInterleaved: false, layerNorm: true }),

  modules(shape) {
    const { hiddenSize: hidden, feedForwardSize: inner } = shape;
    return [
      ...gatedDecoderModules(shape).filter((it) => it.group === "qkv" || it.group === "output"),
      { group: "gateUp", firstRow: 0, rows: inner, columns: hidden, peftName: "mlp.c_fc", ggufName: "ffn_up" },
      { group: "down", firstRow: 0, rows: hidden, columns: inner, peftName: "mlp.c_proj", ggufName: "ffn_down" },
    ];
  },

  build: (context) => buildDecoder(context, { feedForward: "plainGelu" }),
};
