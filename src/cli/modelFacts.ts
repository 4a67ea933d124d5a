/** What the head of a model file says. Loads the reader of GGUF files, but no native code. */

import { readModelFacts } from "../engine/readModelFacts.js";
import type { ModelFacts } from "../protocol/engine.js";

/** Throws `model-not-found` and `model-corrupt`. */
export function readFacts(path: string): Promise<ModelFacts> {
  return readModelFacts(path);
}
