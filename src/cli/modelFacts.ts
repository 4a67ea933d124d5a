/** What the head of a model file says. Loads the reader of GGUF files, but no native code. */

import { openModelFile } from "../engine/gguf/modelFile.js";
import { modelFacts } from "../engine/gguf/modelFacts.js";
import type { ModelFacts } from "../protocol/engine.js";

/** Throws `model-not-found` and `model-corrupt`. */
export async function readFacts(path: string): Promise<ModelFacts> {
  const file = await openModelFile(path);
  try {
    return modelFacts(file);
  } finally {
    file.close();
  }
}
