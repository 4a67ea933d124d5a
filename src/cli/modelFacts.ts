/** What a model says of itself. Loads the reader of GGUF files, but no native code. */

import { readModelFacts } from "../engine/readModelFacts.js";
import type { ModelFacts } from "../protocol/engine.js";

/** Rejects with `model-not-found`, `model-corrupt` or, for a folder, `model-unsupported`. */
export function readFacts(path: string): Promise<ModelFacts> {
  return readModelFacts(path);
}
