/** SmolLM 3: every fourth layer does not tell positions apart (arXiv 2501.18795). */

import type { Architecture } from "../architecture.js";
import { readCommonShape } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import { gatedDecoderModules } from "../modules.js";

/** No key says it. */
const PERIOD = 4;

export const smollm3: Architecture = {
  name: "smollm3",

  readShape(metadata, vocabularySize) {
    const shape = readCommonShape(metadata, vocabularySize, { ropeInterleaved: true });
    const layers = shape.attention.layers.map((it, layer) =>
      layer % PERIOD === PERIOD - 1 ? { rope: undefined } : it,
    );
    return { ...shape, attention: { ...shape.attention, layers } };
  },

  modules: gatedDecoderModules,
  build: (context) => buildDecoder(context, { feedForward: "silu" }),
};
