/** Gemma 2: soft caps on scores and logits, every other layer sees only a window, norms before and behind each sub-layer. */

import type { Architecture } from "../architecture.js";
import { readCommonShape } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import { gatedDecoderModules } from "../modules.js";

/** Layers and hidden size of the one model whose scores are scaled by the hidden size of a head and not by its keys. */
const LARGEST = { layers: 46 };

export const gemma2: Architecture = {
  name: "gemma2",

  readShape(metadata, vocabularySize) {
    const shape = readCommonShape(metadata, vocabularySize, { ropeInterleaved: false });
    const { layers, heads, hiddenSize, headSize, rope } = shape;
    const window = metadata.number("gemma2.attention.sliding_window") ?? 4096;
    const softCap = metadata.number("gemma2.attn_logit_softcapping") ?? 50;
    return {
      ...shape,
      attention: {
        scale: 1 / Math.sqrt(layers === LARGEST.layers ? hiddenSize / heads : headSize),
        softCap,
        layers: shape.attention.layers.map((_, layer) => (layer % 2 === 0 ? { rope, window } : { rope })),
      },
      scales: {
        embedding: Math.sqrt(hiddenSize),
        logitSoftCap: metadata.number("gemma2.final_logit_softcapping") ?? 30,
      },
    };
  },

  modules: gatedDecoderModules,
  build: (context) => buildDecoder(context, { feedForward: "gelu", postNorms: true }),
};
