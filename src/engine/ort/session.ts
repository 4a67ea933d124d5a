/** Sessions of onnxruntime. This folder is the only one that imports it. */

import { InferenceSession } from "onnxruntime-node";

import { messageOf, TillerError } from "../../base/error.js";
import type { OnnxModel } from "../onnx/graphBuilder.js";

export interface SessionOptions {
  /** Threads of one operator. */
  readonly threads: number;
  /** Keep the memory that was computed in for the next run (the default), or give it back. */
  readonly keepsMemory?: boolean;
  /** Default: the CPU. */
  readonly device?: SessionDevice;
}

export interface SessionDevice {
  readonly name: string;
  /** Outputs that stay on it; all others come to the CPU. */
  readonly staying: readonly string[];
}

/** What went wrong on a device is the machine's: drivers, memory, operators. The CPU may still do. */
export function deviceError(device: string, how: string, cause: unknown): TillerError {
  const reason = messageOf(cause);
  const message = `${device} ${how}: ${runtimeReason(reason)}. Compute on the processor instead (device: cpu).`;
  return new TillerError("device-unavailable", message, { cause });
}

/** Without the place in the runtime's source that its messages begin with. */
export function runtimeReason(text: string): string {
  return text
    .trim()
    .split("\n")[0]!
    .replace(/^\/\S+:\d+ .*? was false\. /, "")
    .replace(/[.\s]+$/, "")
    .slice(0, 300);
}

/**
 * Uses up the model: the session has its own copy of the weights, and the memory of the given ones is freed at once. Rejects with
 * `device-unavailable` where a device cannot take it.
 */
export async function createSession(
  model: OnnxModel,
  { threads, keepsMemory = true, device }: SessionOptions,
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
      ...(device && onDevice(device)),
    });
  } catch (error) {
    const reason = messageOf(error);
    if (device !== undefined) throw deviceError(device.name, "could not take the model", error);
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

function onDevice({ name, staying }: SessionDevice): InferenceSession.SessionOptions {
  return {
    executionProviders: [name],
    preferredOutputLocation: Object.fromEntries(staying.map((it) => [it, "gpu-buffer" as const])),
  };
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
