/** Gemma 3 (text): five layers with a window and short positions, then one that sees everything. */

import type { GgufMetadata } from "../../gguf/metadata.js";
import type { Architecture } from "../architecture.js";
import { readCommonShape } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import type { RopeShape } from "../modelShape.js";
import { gatedDecoderModules } from "../modules.js";

const PERIOD = 6;
/** Layers of the one model whose scores are scaled by the hidden size of a head and not by its keys. */
const LARGEST = { layers: 62 };

export const gemma3: Architecture = {
  name: "gemma3",

  readShape(metadata, vocabularySize) {
    const shape = readCommonShape(metadata, vocabularySize, { ropeInterleaved: false });
    const { layers, heads, hiddenSize, headSize, rope } = shape;
    const { size, interleaved } = rope;
    const localRope: RopeShape = { base: metadata.number("gemma3.rope.freq_base_swa") ?? 10000, size, interleaved };
    const window = metadata.number("gemma3.attention.sliding_window") ?? 0;
    const softCap = metadata.number("gemma3.attn_logit_softcapping") || undefined;
    const logitSoftCap = metadata.number("gemma3.final_logit_softcapping") || undefined;
    const isLocal = localLayers(metadata, layers);
    return {
      ...shape,
      attention: {
        scale: 1 / Math.sqrt(layers === LARGEST.layers ? hiddenSize / heads : headSize),
        ...(softCap !== undefined && { softCap }),
        layers: shape.attention.layers.map((_, layer) =>
          0 < window && isLocal(layer) ? { rope: localRope, window } : { rope },
        ),
      },
      scales: { embedding: Math.sqrt(hiddenSize), ...(logitSoftCap !== undefined && { logitSoftCap }) },
    };
  },

  modules: gatedDecoderModules,
  build: (context) => buildDecoder(context, { feedForward: "gelu", queryKeyNorm: "head", postNorms: true }),
};

/** The pattern is a period, a flag for each layer, or not in the file. */
function localLayers(metadata: GgufMetadata, layers: number): (layer: number) => boolean {
  const key = "gemma3.attention.sliding_window_pattern";
  if (metadata.isList(key)) {
    const flags = metadata.flags(key)!;
    return (layer) => flags[layer % Math.max(1, Math.min(layers, flags.length))] === true;
  }
  const period = metadata.number(key) ?? PERIOD;
  return (layer) => period === 0 || layer % period < period - 1;
}
