/**
 * A cache that holds only what can still be seen (attention/visibility.ts).
 *
 * Keys are rotated by their own positions before they are stored, so attention does not care in which slot a key lies. The
 * slots are `[what is kept and the window | the present chunk]`. When a chunk begins, the slots of what is out of sight are
 * filled from the end: of a window that moves by a chunk, that is a ring. Nothing else is ever moved.
 *
 * With positions counted inside of the cache (StreamingLLM), the distance to the window is the true one, and only the sinks
 * are nearer than they were: their keys are turned, once a chunk, to where the gap is closed.
 */

import type { InferenceSession } from "onnxruntime-node";

import { slotsOf, type Visibility } from "../attention/visibility.js";
import type { KeyRotation } from "../graph/rotary.js";
import { cacheNames } from "../graph/attention.js";
import { copyPositions } from "./copiedCache.js";
import { cacheTensors, runToSentinel } from "./inPlaceCache.js";
import type { CacheData, CacheShape, Outputs, Placement, RunnableCache } from "./kvCache.js";
import { keyTurn } from "./turnKeys.js";

export interface SlotCacheOptions {
  readonly visibility: Visibility;
  /** Positions that the model can tell apart. */
  readonly contextTokens: number;
  /** How the model turns its keys; asked for when positions are counted inside of the cache. */
  readonly rotation: () => KeyRotation;
}

export interface SlotCache extends RunnableCache {
  /** Slots in use: what is in sight. */
  readonly slotsUsed: number;
  readonly slots: number;
}

export function slotCache(shape: CacheShape, options: SlotCacheOptions): SlotCache {
  const { layers, kvHeads, headSize } = shape;
  const { visibility, contextTokens } = options;
  const { chunk, window, keeps, endlessSinks } = visibility;
  const slots = slotsOf(visibility, contextTokens);
  const { past, present } = cacheTensors(shape, slots, 1);
  const keys = Array.from({ length: layers }, (_, layer) => past[cacheNames(layer).pastKey]!.data as Float32Array);
  const all = Object.values(past).map((it) => it.data as CacheData);
  /** Of each slot in use. Those of the present chunk come last and in order. */
  const positions = new Int32Array(slots);
  let used = 0;
  let length = 0;
  /** The position before which something may be missing: the cache cannot go back behind it. 0: nothing is missing. */
  let floor = 0;
  /** Where a position is less than it was in the text, when it is counted inside of the cache. */
  let shift = 0;
  /** The sinks' keys as they were read: for each layer [kvHeads, sinks, headSize]. */
  let sinks: readonly Float32Array[] | undefined;
  let rotation: KeyRotation | undefined;

  function clear(): void {
    used = length = floor = shift = 0;
    sinks = undefined;
  }

  function evict(): void {
    const isSeen = (slot: number) => length - window <= positions[slot]! || keeps(positions[slot]!);
    let seen = 0;
    for (let slot = 0; slot < used; slot++) if (isSeen(slot)) seen++;
    if (seen === used) return;
    if (endlessSinks !== undefined) sinks ??= keys.map((it) => copyOfSlots(it, endlessSinks));
    floor = length;
    // Each slot of what is out of sight is taken by the next one that is seen behind all that stay where they are.
    let from = seen;
    for (let to = 0; to < seen;) {
      if (isSeen(to)) {
        to++;
        continue;
      }
      while (!isSeen(from)) from++;
      let count = 1;
      while (to + count < seen && !isSeen(to + count) && from + count < used && isSeen(from + count)) count++;
      moveSlots(from, to, count);
      from += count;
      to += count;
    }
    used = seen;
    if (endlessSinks !== undefined) closeGap(endlessSinks);
  }

  function moveSlots(from: number, to: number, count: number): void {
    positions.copyWithin(to, from, from + count);
    for (const it of all) {
      for (let head = 0; head < kvHeads; head++) {
        const start = head * slots;
        it.copyWithin((start + to) * headSize, (start + from) * headSize, (start + from + count) * headSize);
      }
    }
  }

  /** The next token's position inside of the cache is `used`: the sinks are brought so near that this is true. */
  function closeGap(count: number): void {
    rotation ??= options.rotation();
    if (contextTokens < length - shift + chunk) {
      // Positions would leave the model's tables: all of the window goes back to where it would be without a gap.
      const back = length - shift - used;
      const turn = keyTurn(-back, rotation, headSize);
      eachHead((key, _layer, head) => {
        const part = key.subarray((head * slots + count) * headSize, (head * slots + used) * headSize);
        turn(part, part);
      });
      shift += back;
    }
    const turn = keyTurn(length - shift - used, rotation, headSize);
    eachHead((key, layer, head) => {
      const from = sinks![layer]!.subarray(head * count * headSize, (head + 1) * count * headSize);
      turn(from, key.subarray(head * slots * headSize, (head * slots + count) * headSize));
    });
  }

  function eachHead(visit: (key: Float32Array, layer: number, head: number) => void): void {
    keys.forEach((key, layer) => {
      for (let head = 0; head < kvHeads; head++) visit(key, layer, head);
    });
  }

  /** The first slots: [kvHeads, count, headSize] */
  function copyOfSlots(of: Float32Array, count: number): Float32Array {
    const copy = new Float32Array(kvHeads * count * headSize);
    for (let head = 0; head < kvHeads; head++) {
      const start = head * slots * headSize;
      copy.set(of.subarray(start, start + count * headSize), head * count * headSize);
    }
    return copy;
  }

  function truncate(to: number): void {
    if (length <= to) return;
    if (to < floor || to === 0) return clear();
    used -= length - to;
    length = to;
  }

  const cache: SlotCache & { state(): State } = {
    capacity: endlessSinks === undefined ? contextTokens : Infinity,
    slots,
    get slotsUsed() {
      return used;
    },
    get length() {
      return length;
    },
    get room() {
      return chunk - (length % chunk);
    },
    truncate,
    tensors: past,
    state: () => ({ positions, used, length, floor, shift, sinks }),
    copyFrom(other, count) {
      clear();
      const from = other as SlotCache & { state(): State };
      const state = from.state();
      if (count < state.floor) return;
      for (const [name, tensor] of Object.entries(past)) copyPositions(from.tensors[name]!, tensor, state.used);
      positions.set(state.positions.subarray(0, state.used));
      ({ used, length, floor, shift, sinks } = state);
      truncate(count);
    },
    fill() {
      throw new Error("keys of an adapter cannot stand in a cache that forgets");
    },
    place(count): Placement {
      if (cache.room < count) throw new Error(`${count} positions go beyond a chunk of ${chunk}`);
      if (length % chunk === 0 && floor !== length) evict();
      return { slot: used, position: length - shift };
    },
    async run(session: InferenceSession, feeds: InferenceSession.FeedsType, count: number, outputs: Outputs) {
      await runToSentinel(session, { ...feeds, ...past }, { sentinel: null, ...outputs, ...present });
      for (let i = 0; i < count; i++) positions[used++] = length++;
    },
    dispose: () => undefined,
  };
  return cache;
}

interface State {
  readonly positions: Int32Array;
  readonly used: number;
  readonly length: number;
  readonly floor: number;
  readonly shift: number;
  readonly sinks: readonly Float32Array[] | undefined;
}
