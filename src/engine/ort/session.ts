/** Sessions of onnxruntime. This folder is the only one that imports it. */

import { InferenceSession } from "onnxruntime-node";

import { TillerError } from "../../base/error.js";
import type { OnnxModel } from "../onnx/graphBuilder.js";

export interface SessionOptions {
  /** Threads of one operator. */
  readonly threads: number;
}

export async function createSession(model: OnnxModel, { threads }: SessionOptions): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model.bytes, {
      externalData: model.weights.map(({ path, data }) => ({ path, data })),
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/alloc/i.test(reason)) {
      throw new TillerError(
        "out-of-memory",
        `There is not enough memory to load the model: ${reason}. Close other models or use a smaller file.`,
        { cause: error },
      );
    }
    throw error;
  }
}
