/** What a model says of itself. Loads the reader of GGUF files, but no native code. */

import { openModelFile } from "../engine/gguf/modelFile.js";
import { modelFacts } from "../engine/gguf/modelFacts.js";
import { isOnnxFolder, openOnnxFolder } from "../engine/onnxFolder/onnxFolder.js";
import type { ModelFacts } from "../protocol/engine.js";

/** Rejects with `model-not-found`, `model-corrupt` or, for a folder, `model-unsupported`. */
export async function readFacts(path: string): Promise<ModelFacts> {
  if (isOnnxFolder(path)) return openOnnxFolder(path, "fast").facts;
  const file = await openModelFile(path);
  try {
    return modelFacts(file);
  } finally {
    file.close();
  }
}
