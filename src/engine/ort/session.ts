/** Sessions of onnxruntime. This folder is the only one that imports it. */

import { InferenceSession } from "onnxruntime-node";

import { TillerError } from "../../base/error.js";
import type { OnnxModel } from "../onnx/graphBuilder.js";

export interface SessionOptions {
  /** Threads of one operator. */
  readonly threads: number;
  /** Keep the memory that was computed in for the next run (the default), or give it back. */
  readonly keepsMemory?: boolean;
}

/** Uses up the model: the session has its own copy of the weights, and the memory of the given ones is freed at once. */
export async function createSession(
  model: OnnxModel,
  { threads, keepsMemory = true }: SessionOptions,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model.bytes, {
      externalData: model.weights.map(({ name, data }) => ({ path: name, data })),
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      ...(!keepsMemory && { enableCpuMemArena: false }),
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
  } finally {
    freeBuffers(model.weights.map(({ data }) => data.buffer as ArrayBuffer));
  }
}

/**
 * Gives memory back now and not when the garbage collector finds the time: the weights would be held twice. A buffer that is
 * sent to a closed port belongs to nobody.
 */
function freeBuffers(buffers: readonly ArrayBuffer[]): void {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(null, [...buffers]);
  port1.close();
  port2.close();
}
