/** What the head of a model file says. Loads the reader of GGUF files, but no native code. */

import { TillerError } from "../base/error.js";
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

/** Throws `model-corrupt` for a file that is no model. One that a newer Tiller may run is whole all the same. */
export async function checkModelFile(path: string): Promise<void> {
  try {
    await readFacts(path);
  } catch (error) {
    if (error instanceof TillerError && error.code === "model-unsupported") return;
    throw error;
  }
}
