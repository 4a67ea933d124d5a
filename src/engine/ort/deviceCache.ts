/**
 * A cache that stays on the device that computes. Preallocated outputs on a device are ignored by onnxruntime's Node binding, so
 * nothing is appended in place: each run returns new keys and values, which are never written again, and is fed with those of
 * the run before. What is not written can be shared: a copy of a cache holds the same tensors, and a cache that goes back only
 * counts less of them as filled, since attention is told by its inputs how many there are. Nothing is ever downloaded.
 */

import { Tensor, type InferenceSession } from "onnxruntime-node";

import { cacheNames } from "../graph/attention.js";
import { fillPositions } from "./copiedCache.js";
import type { DeviceTensors, KeptTensors } from "./deviceTensors.js";
import type { CacheShape, RunnableCache } from "./kvCache.js";
import { deviceError } from "./session.js";

/** How caches are kept on a device. */
export interface OnDevice {
  /** Its name, for the user. */
  readonly device: string;
  readonly tensors: DeviceTensors;
  /** Positions that can be appended in one run; some drivers compute longer pieces wrongly. */
  readonly pieceTokens: number;
}

interface DeviceCache extends RunnableCache {
  /** What it holds; undefined: nothing, or only what was filled in. */
  readonly kept: KeptTensors | undefined;
}

/** Names of outputs that stay on the device. */
export function outputsOnDevice({ layers }: Pick<CacheShape, "layers">): string[] {
  return namesOf(layers).flatMap((it) => [it.presentKey, it.presentValue]);
}

export function deviceCache(shape: CacheShape, capacity: number, onDevice: OnDevice): RunnableCache {
  const names = namesOf(shape.layers);
  /** Not on the device yet: nothing, or what an adapter puts in front. */
  let given = sameForAll(names, emptyTensor(shape));
  let kept: KeptTensors | undefined;
  let length = 0;

  /** Takes over a hold. */
  function replace(next: KeptTensors | undefined): void {
    kept?.letGo();
    kept = next;
    given = kept === undefined ? sameForAll(names, emptyTensor(shape)) : {};
  }

  const cache: DeviceCache = {
    capacity,
    get kept() {
      return kept;
    },
    get length() {
      return length;
    },
    get room() {
      return Math.min(capacity - length, onDevice.pieceTokens);
    },
    place: () => ({ slot: length, position: length }),
    truncate(to) {
      length = Math.min(length, to);
      if (length === 0) replace(undefined);
    },
    get tensors() {
      return kept?.tensors ?? given;
    },
    copyFrom(other, count) {
      const from = other as DeviceCache;
      if (from === cache) return cache.truncate(count);
      const { tensors } = from;
      replace(count === 0 ? undefined : from.kept?.hold());
      if (0 < count && kept === undefined) given = { ...tensors };
      length = count;
    },
    fill(entries, count) {
      replace(undefined);
      given = {};
      for (const [layer, { pastKey, pastValue }] of names.entries()) {
        given[pastKey] = filled(shape, entries[layer]!.key, count);
        given[pastValue] = filled(shape, entries[layer]!.value, count);
      }
      length = count;
    },
    async run(session, feeds, count, outputs) {
      const { device, tensors } = onDevice;
      await tensors.use(session, async () => {
        // All outputs: of fewer, the binding mistakes which stay on the device (it counts those that are fetched).
        const results = await session.run({ ...feeds, ...cache.tensors }).catch((error: unknown) => {
          throw deviceError(device, "failed while it computed", error);
        });
        replace(tensors.keep(session, pastOf(names, results)));
        length += count;
        for (const [name, it] of Object.entries(outputs))
          (it.data as Float32Array).set(results[name]!.data as Float32Array);
      });
    },
    dispose: () => cache.truncate(0),
  };
  return cache;
}

/** `values` [count, kvHeads * headSize] as [1, kvHeads, count, headSize]. */
function filled({ kvHeads, headSize }: CacheShape, values: Float32Array, count: number): Tensor {
  const tensor = new Tensor("float32", new Float32Array(kvHeads * count * headSize), [1, kvHeads, count, headSize]);
  fillPositions(tensor, values, kvHeads, count);
  return tensor;
}

type Names = ReturnType<typeof cacheNames>;

function namesOf(layers: number): Names[] {
  return Array.from({ length: layers }, (_, layer) => cacheNames(layer));
}

function emptyTensor({ kvHeads, headSize }: CacheShape): Tensor {
  return new Tensor("float32", new Float32Array(0), [1, kvHeads, 0, headSize]);
}

function sameForAll(names: readonly Names[], tensor: Tensor): Record<string, Tensor> {
  return Object.fromEntries(names.flatMap(({ pastKey, pastValue }) => [pastKey, pastValue].map((it) => [it, tensor])));
}

/** What a run returned, under the names that it has as inputs of the next. */
function pastOf(names: readonly Names[], results: InferenceSession.ReturnType): Record<string, Tensor> {
  const entries = names.flatMap(({ pastKey, presentKey, pastValue, presentValue }) => [
    [pastKey, results[presentKey]!] as const,
    [pastValue, results[presentValue]!] as const,
  ]);
  return Object.fromEntries(entries);
}
