/**
 * A cache that GroupQueryAttention appends to in place, and outputs that nobody copies.
 *
 * The same tensor is fed as `past` and fetched as `present`: the operator then writes only the new positions. The binding
 * would still copy every output into a new array after the run (189 MB a step at 4,096 positions of the embedded model). The
 * graph's first output is therefore a sequence, which the binding cannot convert: it throws when everything has been computed
 * into the preallocated tensors, and before it copies any. selfTest.ts checks at start-up that this still holds.
 */

import type { InferenceSession, Tensor } from "onnxruntime-node";

import type { CacheType } from "../../protocol/engine.js";
import { cacheNames } from "../graph/attention.js";
import { copyPositions, fillPositions } from "./copiedCache.js";
import {
  cacheTensor,
  emptyCacheTensor,
  type CacheData,
  type CacheShape,
  type RunnableCache,
  type RunnableRows,
} from "./kvCache.js";

/** What the binding says when it meets the sentinel. */
const SENTINEL_ERROR = /Non tensor type/;

export function inPlaceCache(shape: CacheShape, capacity: number): RunnableCache {
  return cacheOver(shape, capacity, cacheTensors(shape, capacity, 1));
}

/**
 * Rows of one buffer: each is a cache of its own, and read alone; one position of every row can be appended in one run.
 */
export function inPlaceRows(shape: CacheShape, capacity: number, count: number): RunnableRows {
  const whole = cacheTensors(shape, capacity, count);
  const rows = Array.from({ length: count }, (_, row) =>
    cacheOver(shape, capacity, { past: rowsFrom(whole.past, row, 1), present: rowsFrom(whole.present, row, 1) }),
  );
  return rowsOver(whole, rows);
}

type GrowingCache = RunnableCache & { grow(count: number): void };

/** `rows` are parts of `tensors`, from its beginning to its end. */
function rowsOver({ past, present }: CacheTensors, rows: readonly GrowingCache[]): RunnableRows {
  return {
    rows,
    async run(session, feeds, outputs) {
      await runToSentinel(session, { ...feeds, ...past }, { sentinel: null, ...outputs, ...present });
      for (const it of rows) it.grow(1);
    },
    first(count) {
      if (count === rows.length) return this;
      return rowsOver({ past: rowsFrom(past, 0, count), present: rowsFrom(present, 0, count) }, rows.slice(0, count));
    },
  };
}

export interface CacheTensors {
  readonly past: Readonly<Record<string, Tensor>>;
  readonly present: Readonly<Record<string, Tensor>>;
}

export function cacheTensors(
  { layers, kvHeads, headSize, cacheType }: CacheShape,
  capacity: number,
  rows: number,
): CacheTensors {
  const past: Record<string, Tensor> = {};
  const present: Record<string, Tensor> = {};
  for (let layer = 0; layer < layers; layer++) {
    const names = cacheNames(layer);
    const key = emptyCacheTensor(cacheType, [rows, kvHeads, capacity, headSize]);
    const value = emptyCacheTensor(cacheType, [rows, kvHeads, capacity, headSize]);
    Object.assign(past, { [names.pastKey]: key, [names.pastValue]: value });
    Object.assign(present, { [names.presentKey]: key, [names.presentValue]: value });
  }
  return { past, present };
}

/** The same memory, some rows of it. */
function rowsFrom(tensors: Readonly<Record<string, Tensor>>, row: number, count: number): Record<string, Tensor> {
  const entries = Object.entries(tensors).map(([name, { data, dims, type }]) => {
    const [rows, ...rest] = dims as [number, ...number[]];
    const size = data.length / rows;
    const part = (data as CacheData).subarray(row * size, (row + count) * size);
    return [name, cacheTensor(type as CacheType, part, [count, ...rest])] as const;
  });
  return Object.fromEntries(entries);
}

function cacheOver({ layers, kvHeads }: CacheShape, capacity: number, { past, present }: CacheTensors): GrowingCache {
  let length = 0;
  return {
    capacity,
    get length() {
      return length;
    },
    get room() {
      return capacity - length;
    },
    place: () => ({ slot: length, position: length }),
    truncate(to) {
      length = Math.min(length, to);
    },
    tensors: past,
    copyFrom(other, count) {
      const { tensors } = other as RunnableCache;
      for (const [name, tensor] of Object.entries(past)) copyPositions(tensors[name]!, tensor, count);
      length = count;
    },
    fill(entries, count) {
      for (let layer = 0; layer < layers; layer++) {
        const names = cacheNames(layer);
        fillPositions(past[names.pastKey]!, entries[layer]!.key, kvHeads, count);
        fillPositions(past[names.pastValue]!, entries[layer]!.value, kvHeads, count);
      }
      length = count;
    },
    async run(session, feeds, count, outputs) {
      await runToSentinel(session, { ...feeds, ...past }, { sentinel: null, ...outputs, ...present });
      length += count;
    },
    grow(count) {
      length += count;
    },
    dispose: () => undefined,
  };
}

export async function runToSentinel(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  fetches: InferenceSession.FetchesType,
): Promise<void> {
  try {
    await session.run(feeds, fetches);
  } catch (error) {
    if (error instanceof Error && SENTINEL_ERROR.test(error.message)) return;
    throw error;
  }
  throw new Error("the binding converted the sentinel: outputs were copied");
}
