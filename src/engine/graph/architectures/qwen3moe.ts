/** Qwen 3 with experts, whose weights sum to 1; the width of an expert has a key of its own. */

import type { Architecture } from "../architecture.js";
import { readCommonShape, requireExperts } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import { gatedDecoderModules } from "../modules.js";

export const qwen3moe: Architecture = {
  name: "qwen3moe",

  readShape(metadata, vocabularySize) {
    const shape = readCommonShape(metadata, vocabularySize, { ropeInterleaved: false });
    const experts = requireExperts(metadata, "qwen3moe", { normalized: true });
    const width = metadata.number("qwen3moe.expert_feed_forward_length") ?? 0;
    return {
      ...shape,
      experts,
      feedForwardSize: width === 0 ? Math.floor(shape.feedForwardSize / experts.used) : width,
    };
  },

  modules: gatedDecoderModules,
  build: (context) => buildDecoder(context, { feedForward: "silu", queryKeyNorm: "head" }),
};
