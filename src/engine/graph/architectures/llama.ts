/** Llama and its many relatives in files of the same architecture: SmolLM2, Mistral, Mixtral, Llama 2 and 3. */

import type { Architecture } from "../architecture.js";
import { readCommonShape, readExperts } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import { gatedDecoderModules } from "../modules.js";

export const llama: Architecture = {
  name: "llama",

  readShape(metadata, vocabularySize) {
    const shape = readCommonShape(metadata, vocabularySize, { ropeInterleaved: true });
    const experts = readExperts(metadata, "llama", { normalized: true });
    // Files of Mistral may say `attention.sliding_window`. Their makers dropped it, and llama.cpp attends to everything.
    return experts === undefined ? shape : { ...shape, experts };
  },

  modules: gatedDecoderModules,
  build: (context) => buildDecoder(context, { feedForward: "silu" }),
};
