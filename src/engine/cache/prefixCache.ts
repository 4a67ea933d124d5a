/**
 * Keeps the caches of earlier requests, so that a request which begins like one of them reads only what is new: staged
 * holes, ghost text, repeats and variants of one prompt.
 */

import { sharedLength } from "../../base/sharedLength.js";
import type { KvCache } from "../ort/kvCache.js";

/** A cache that one request works on. `ids` are the tokens it holds, in order. */
export interface Lease {
  readonly cache: KvCache;
  /** Says which tokens were just appended to the cache. */
  appended(ids: readonly number[]): void;
  /** Gives the cache back; what it holds stays known. */
  release(): void;
}

interface Slot {
  readonly cache: KvCache;
  /** Which adapters it was filled under: only requests under the same ones can use it. */
  key: string;
  ids: number[];
  busy: boolean;
  /** Higher is more recent. */
  lastUse: number;
}

export interface PrefixCacheOptions {
  readonly newCache: () => KvCache;
  /** Caches kept between requests, at least 1. Concurrent requests beyond it get one of their own. */
  readonly slots: number;
}

/** A cache that is at least this much longer than what a request shares with it is left alone if another can be had. */
const WORTH_KEEPING = 64;

export class PrefixCache {
  readonly #options: PrefixCacheOptions;
  readonly #slots: Slot[] = [];
  #uses = 0;
  #isDisposed = false;

  constructor(options: PrefixCacheOptions) {
    this.#options = options;
  }

  /**
   * A cache that holds the longest known beginning of `ids`, but never all of them: the last token has to be read to know
   * what follows it. Its length says how many are held. Tokens read under another `key` are other tokens.
   */
  lease(ids: readonly number[], key = ""): Lease {
    const best = this.#longestShared(ids, key);
    const shared = best === undefined ? 0 : Math.min(sharedLength(best.ids, ids), ids.length - 1);
    const slot =
      best !== undefined && !best.busy && best.ids.length - shared < WORTH_KEEPING ? best : this.#spare(best);
    if (slot !== best && best !== undefined && 0 < shared) {
      slot.cache.truncate(0);
      slot.cache.copyFrom(best.cache, shared);
    }
    slot.cache.truncate(shared);
    // A cache that forgets may not have been able to go back so far.
    slot.ids = ids.slice(0, slot.cache.length);
    slot.key = key;
    slot.busy = true;
    slot.lastUse = ++this.#uses;
    return {
      cache: slot.cache,
      appended: (appended) => void slot.ids.push(...appended),
      release: () => this.#release(slot),
    };
  }

  /** Forgets every cache that is not in use. */
  clear(): void {
    for (const slot of this.#slots.filter((it) => !it.busy)) this.#drop(slot);
  }

  /** Forgets every cache; those in use as soon as they are given back. */
  dispose(): void {
    this.#isDisposed = true;
    this.clear();
  }

  #drop(slot: Slot): void {
    this.#slots.splice(this.#slots.indexOf(slot), 1);
    slot.cache.dispose();
  }

  #longestShared(ids: readonly number[], key: string): Slot | undefined {
    let best: Slot | undefined;
    let bestLength = 0;
    for (const slot of this.#slots.filter((it) => it.key === key)) {
      const length = sharedLength(slot.ids, ids);
      if (bestLength < length) [best, bestLength] = [slot, length];
    }
    return best;
  }

  /** A new slot while there is room, else the one unused for longest. */
  #spare(best: Slot | undefined): Slot {
    const free = this.#slots.filter((it) => !it.busy);
    if (this.#options.slots <= this.#slots.length && 0 < free.length) {
      // The best one is used up last: what it shares would have to be copied out of it first.
      const others = free.filter((it) => it !== best);
      return (others.length === 0 ? free : others).reduce((a, b) => (a.lastUse <= b.lastUse ? a : b));
    }
    const slot: Slot = { cache: this.#options.newCache(), key: "", ids: [], busy: false, lastUse: 0 };
    this.#slots.push(slot);
    return slot;
  }

  #release(slot: Slot): void {
    slot.busy = false;
    // A request that failed half-way may have appended less than it said, or more.
    slot.ids.length = Math.min(slot.ids.length, slot.cache.length);
    slot.cache.truncate(slot.ids.length);
    if (this.#isDisposed || this.#options.slots < this.#slots.length) this.#drop(slot);
  }
}
