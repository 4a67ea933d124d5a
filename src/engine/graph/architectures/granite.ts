/** Granite, and Granite with experts: four factors in the stream that are numbers of the head. */

import type { GgufMetadata } from "../../gguf/metadata.js";
import type { Architecture } from "../architecture.js";
import { everyLayer, readCommonShape, requireExperts } from "../commonShape.js";
import { buildDecoder } from "../decoderStack.js";
import type { ModelShape } from "../modelShape.js";
import { gatedDecoderModules } from "../modules.js";

export const granite: Architecture = {
  name: "granite",
  readShape: readGraniteShape,
  modules: gatedDecoderModules,
  build: (context) => buildDecoder(context, { feedForward: "silu" }),
};

export const granitemoe: Architecture = {
  ...granite,
  name: "granitemoe",

  readShape(metadata, vocabularySize) {
    const shape = readGraniteShape(metadata, vocabularySize);
    return { ...shape, experts: requireExperts(metadata, "granitemoe", { normalized: true }) };
  },
};

function readGraniteShape(metadata: GgufMetadata, vocabularySize: number): ModelShape {
  const shape = readCommonShape(metadata, vocabularySize, { ropeInterleaved: true });
  const factor = (name: string) => metadata.number(`${shape.architecture}.${name}`) || 1;
  // A flag that was made for something else says here whether positions are told apart at all.
  const hasPositions = metadata.flag(`${shape.architecture}.rope.scaling.finetuned`) ?? true;
  const layers = hasPositions ? shape.attention.layers : everyLayer(shape.layers, { rope: undefined });
  const scale = metadata.number(`${shape.architecture}.attention.scale`) || shape.attention.scale;
  return {
    ...shape,
    attention: { ...shape.attention, scale, layers },
    scales: {
      embedding: factor("embedding_scale"),
      residual: factor("residual_scale"),
      logitDivisor: factor("logit_scale"),
    },
  };
}
