/** What one model architecture has to say: how its numbers are read, and how its graph is built. */

import type { GgufMetadata } from "../gguf/metadata.js";
import type { DecoderContext } from "./layers.js";
import type { LinearModule } from "./modules.js";
import type { ModelShape } from "./modelShape.js";

export interface Architecture {
  /** The value of `general.architecture`. */
  readonly name: string;
  /** Throws `model-corrupt` for impossible numbers, `model-unsupported` for variants that it cannot run. */
  readShape(metadata: GgufMetadata, vocabularySize: number): ModelShape;
  /** The linear layers of each layer, in the order of their rows in the graph's products. */
  modules(shape: ModelShape): readonly LinearModule[];
  /** Adds everything between the input `embeddings` [batch, sequence, hidden] and the output `logits`. */
  build(context: DecoderContext): void;
}
