// Which cache a request gets, and how much of it is already right.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PrefixCache } from "../../src/engine/cache/prefixCache.js";
import type { KvCache } from "../../src/engine/ort/kvCache.js";

const long = Array.from({ length: 200 }, (_, i) => i);

test("a request that goes on where another ended reads only what is new", () => {
  const { ask } = cacheOf(2);
  assert.equal(ask([1, 2, 3], [4, 5]), 0);
  assert.equal(ask([1, 2, 3, 4, 5, 6], []), 5);
});

test("the last token of a prompt is always read again", () => {
  const { ask } = cacheOf(2);
  ask([1, 2, 3], []);
  assert.equal(ask([1, 2, 3], []), 2);
});

test("a long text is not thrown away for a request that shares its beginning", () => {
  const { ask, created } = cacheOf(2);
  ask(long, []);
  assert.equal(ask([...long.slice(0, 50), 999], []), 50, "the shared beginning is copied");
  assert.equal(ask([...long, 7], []), 200, "the long text is still there");
  assert.equal(created(), 2);
});

test("requests at the same time never share a cache", () => {
  const { cache } = cacheOf(1);
  const first = cache.lease([1, 2, 3]);
  const second = cache.lease([1, 2, 3]);
  assert.notEqual(first.cache, second.cache);
  first.release();
  second.release();
});

test("what a failed request left behind is not taken for known", () => {
  const { cache } = cacheOf(2);
  const lease = cache.lease([1, 2, 3]);
  (lease.cache as FakeCache).length = 3; // read, but never reported
  lease.release();
  assert.equal(cache.lease([1, 2, 3, 4]).cache.length, 0);
});

test("a cache that is dropped gives back what it holds, one in use not before it is given back", () => {
  const { cache } = cacheOf(1);
  const first = cache.lease([1, 2, 3]);
  const beyond = cache.lease([4, 5, 6]);
  const isDisposed = (it: typeof first) => (it.cache as FakeCache).disposed;
  beyond.release();
  assert.deepEqual([isDisposed(first), isDisposed(beyond)], [false, true]);
  cache.dispose();
  assert.equal(isDisposed(first), false);
  first.release();
  assert.equal(isDisposed(first), true);
});

class FakeCache implements KvCache {
  disposed = false;
  readonly capacity = 1000;
  readonly room = 1000;
  length = 0;
  truncate(length: number): void {
    this.length = Math.min(this.length, length);
  }
  copyFrom(_other: KvCache, length: number): void {
    this.length = length;
  }
  fill(_layers: unknown, count: number): void {
    this.length = count;
  }
  dispose(): void {
    this.disposed = true;
  }
}

function cacheOf(slots: number) {
  let count = 0;
  const cache = new PrefixCache({ newCache: () => (count++, new FakeCache()), slots });
  /** Reads a prompt, writes some tokens, and returns how much of the prompt was known. */
  const ask = (prompt: readonly number[], written: readonly number[]): number => {
    const lease = cache.lease(prompt);
    const known = lease.cache.length;
    const rest = [...prompt.slice(known), ...written];
    (lease.cache as FakeCache).length += rest.length;
    lease.appended(rest);
    lease.release();
    return known;
  };
  return { cache, ask, created: () => count };
}
