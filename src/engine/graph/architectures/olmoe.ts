/** OLMoE: weights of experts are what a softmax over all of them gives; queries and keys are normed over all heads at once. */

import type { Architecture } from "../architecture.js";
import { readCommonShape, requireExperts } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import { gatedDecoderModules } from "../modules.js";

export const olmoe: Architecture = {
  name: "olmoe",

  readShape(metadata, vocabularySize) {
    const shape = readCommonShape(metadata, vocabularySize, { ropeInterleaved: false });
    return { ...shape, experts: requireExperts(metadata, "olmoe", { normalized: false }) };
  },

  modules: gatedDecoderModules,
  build: (context) => buildDecoder(context, { feedForward: "silu", queryKeyNorm: "whole" }),
};
