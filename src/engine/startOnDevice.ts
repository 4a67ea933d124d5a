/** A model's start where it was chosen to be computed, with the CPU as the way out. */

import { TillerError } from "../base/error.js";
import type { DeviceChoice } from "../protocol/device.js";
import type { ChosenDevice } from "./chooseDevice.js";
import type { CachePlace, Caches, Decoder } from "./ort/decoder.js";
import { createDeviceTensors } from "./ort/deviceTensors.js";
import type { CacheKind } from "./ort/kvCache.js";
import { runtimeReason } from "./ort/session.js";

/** Starts on the chosen device, or, where that cannot take the model, on the CPU. */
export async function startChosen<T>(
  { choice, pieceTokens = Infinity, begin = () => () => undefined }: ChosenDevice,
  cacheKind: Exclude<CacheKind, "device">,
  startOn: (place: CachePlace) => Promise<T>,
): Promise<{ readonly started: T; readonly device: DeviceChoice }> {
  if (choice.device === "cpu") return { started: await startOn(cacheKind), device: choice };
  const { device } = choice;
  const survived = begin();
  try {
    return { started: await startOn({ device, pieceTokens, tensors: createDeviceTensors() }), device: choice };
  } catch (error) {
    if (!(error instanceof TillerError) || error.code !== "device-unavailable") throw error;
    const why = error.cause instanceof Error ? runtimeReason(error.cause.message) : error.message;
    const reason = `${device} could not take the model: ${why}`;
    return { started: await startOn(cacheKind), device: { device: "cpu", reason } };
  } finally {
    survived();
  }
}

/** What a device cannot do is often seen when it computes for the first time. */
export async function firstStep(decoder: Decoder, caches: Caches, hiddenSize: number): Promise<void> {
  const cache = caches.newCache(1);
  try {
    await decoder.forward(cache, new Float32Array(hiddenSize).fill(0.1), [0]);
  } finally {
    cache.dispose();
  }
}
