/** What a model is and what it would take, from the head of its file. Loads no native code. */

import { TillerError } from "../base/error.js";
import type { FoundModel, MemoryEstimate, RunsAs } from "../protocol/engine.js";
import { contextOf } from "./contextTokens.js";
import { openModelFile, type ModelFile } from "./gguf/modelFile.js";
import { readShape } from "./graph/decoderGraph.js";
import { estimateMemory } from "./memoryEstimate.js";
import type { ModelPath } from "./modelFolder.js";
import { isOnnxFolder, onnxMemory, openOnnxFolder } from "./onnxFolder/onnxFolder.js";
import { factsWithVision } from "./readModelFacts.js";
import type { ReadPart } from "./vision/findVisionPart.js";

/** Never rejects for what is wrong with the file: then `problem` says it. */
export async function describeModel(
  { name, path }: ModelPath,
  runsAs: RunsAs,
  readPart?: ReadPart,
): Promise<FoundModel> {
  try {
    if (isOnnxFolder(path)) return { name, path, ...describeFolder(path, runsAs) };
    const file = await openModelFile(path);
    try {
      const { facts, vision } = await factsWithVision(file, readPart);
      const bytes = vision.kind === "part" ? vision.part.bytes[runsAs.precision ?? "fast"] : 0;
      const memory = facts.unsupported === undefined ? memoryOf(file, runsAs, bytes) : undefined;
      return { name, path, facts, ...(memory && { memory }) };
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof TillerError) return { name, path, problem: error.message };
    throw error;
  }
}

function describeFolder(
  path: string,
  { precision = "fast", contextTokens }: RunsAs,
): Pick<FoundModel, "facts" | "memory"> {
  const folder = openOnnxFolder(path, precision);
  const { contextLength } = folder.facts;
  const wanted = contextTokens === undefined ? {} : { contextTokens: Math.min(contextTokens, contextLength) };
  return { facts: folder.facts, memory: onnxMemory(folder, contextOf(wanted, contextLength)) };
}

function memoryOf(
  file: ModelFile,
  { precision = "fast", contextTokens, cache = "float32" }: RunsAs,
  visionBytes: number,
): MemoryEstimate | undefined {
  try {
    const shape = readShape(file);
    // A setting that is too much for this model is no reason not to say what it takes.
    const wanted = contextTokens === undefined ? {} : { contextTokens: Math.min(contextTokens, shape.contextLength) };
    const context = contextOf(wanted, shape.contextLength);
    return estimateMemory(file, shape, { precision, cache, contextTokens: context, visionBytes });
  } catch (error) {
    if (error instanceof TillerError) return undefined;
    throw error;
  }
}
