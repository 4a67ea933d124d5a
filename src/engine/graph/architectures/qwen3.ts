/** Qwen 3: queries and keys are normed head by head. */

import type { Architecture } from "../architecture.js";
import { readCommonShape } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import { gatedDecoderModules } from "../modules.js";

export const qwen3: Architecture = {
  name: "qwen3",
  readShape: (metadata, vocabularySize) => readCommonShape(metadata, vocabularySize, { ropeInterleaved: false }),
  modules: gatedDecoderModules,
  build: (context) => buildDecoder(context, { feedForward: "silu", queryKeyNorm: "head" }),
};
