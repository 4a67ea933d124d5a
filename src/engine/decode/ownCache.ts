/** A cache of nobody else, for a text that is read once. */

import type { LoadedModel } from "../loadedModel.js";
import type { KvCache } from "../ort/kvCache.js";
import type { Reader } from "../reader.js";

export interface OwnCache {
  /** Holds what prefix tuning puts in front. */
  readonly cache: KvCache;
  /** What adapters put in front and is still to be read. */
  readonly virtualIds: readonly number[];
}

/** Has room for what adapters put in front and `tokens` more, and is let go when `read` has ended. */
export async function withOwnCache<T>(
  { caches }: LoadedModel,
  { adapted, virtualIds }: Reader,
  tokens: number,
  read: (own: OwnCache) => Promise<T>,
): Promise<T> {
  const { prefix = [], prefixTokens = 0 } = adapted ?? {};
  const cache = caches.newCache(virtualIds.length + tokens);
  if (0 < prefixTokens) cache.fill(prefix, prefixTokens);
  try {
    return await read({ cache, virtualIds: virtualIds.slice(prefixTokens) });
  } finally {
    cache.dispose();
  }
}
