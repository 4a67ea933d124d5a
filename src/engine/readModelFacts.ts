/** What a model file, or a folder in the ONNX layout, and the vision part beside it say of themselves. Loads no native code. */

import type { ModelFacts } from "../protocol/engine.js";
import { modelFacts } from "./gguf/modelFacts.js";
import { isOnnxFolder, openOnnxFolder } from "./onnxFolder/onnxFolder.js";
import { openModelFile, type ModelFile } from "./gguf/modelFile.js";
import {
  findVisionPart,
  hasPictureTokens,
  visionFacts,
  type FoundVision,
  type ReadPart,
} from "./vision/findVisionPart.js";

/** Throws `model-not-found`, `file-unreadable`, `model-corrupt` and `model-unsupported`. */
export async function readModelFacts(path: string): Promise<ModelFacts> {
  if (isOnnxFolder(path)) return openOnnxFolder(path, "fast").facts;
  const file = await openModelFile(path);
  try {
    return (await factsWithVision(file)).facts;
  } finally {
    file.close();
  }
}

export async function factsWithVision(
  file: ModelFile,
  readPart?: ReadPart,
): Promise<{ readonly facts: ModelFacts; readonly vision: FoundVision }> {
  const facts = modelFacts(file);
  const model = { path: file.path, hiddenSize: facts.hiddenSize, hasTokens: hasPictureTokens(file.metadata) };
  const vision = await findVisionPart(model, undefined, readPart);
  return { facts: { ...facts, ...visionFacts(vision) }, vision };
}
