/** Qwen 2 and 2.5: biases on q, k and v, which are added wherever a file has them. */

import type { Architecture } from "../architecture.js";
import { readCommonShape } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import { gatedDecoderModules } from "../modules.js";

export const qwen2: Architecture = {
  name: "qwen2",
  readShape: (metadata, vocabularySize) => readCommonShape(metadata, vocabularySize, { ropeInterleaved: false }),
  modules: gatedDecoderModules,
  build: (context) => buildDecoder(context, { feedForward: "silu" }),
};
