/** The caches of one model's earlier requests: of dense ones, and of the patterns of attention that were used last. */

import { recall } from "../../base/recall.js";
import type { Visibility } from "../attention/visibility.js";
import type { KeyRotation } from "../graph/rotary.js";
import type { Caches } from "../ort/decoder.js";
import type { KvCache } from "../ort/kvCache.js";
import { PrefixCache } from "./prefixCache.js";

/** Caches kept between requests. Memory is taken only as far as they are filled. */
const CACHE_SLOTS = 4;
/** Patterns of sparse attention whose caches are kept, and caches of each. */
const PATTERNS_KEPT = 3;
const SPARSE_SLOTS = 2;

export interface PrefixCaches {
  of(visibility?: Visibility): PrefixCache;
  newCache(visibility?: Visibility): KvCache;
  /** Forgets every cache that is not in use. */
  clear(): void;
  dispose(): void;
}

export function prefixCaches(caches: Caches, contextTokens: number, rotation: () => KeyRotation): PrefixCaches {
  const newCache = (visibility?: Visibility) =>
    visibility === undefined
      ? caches.newCache(contextTokens)
      : caches.newSlotCache({ visibility, contextTokens, rotation });
  const dense = new PrefixCache({ newCache, slots: CACHE_SLOTS });
  const sparse = new Map<string, PrefixCache>();
  const of = (visibility?: Visibility) =>
    visibility === undefined
      ? dense
      : recall(
          sparse,
          visibility.key,
          PATTERNS_KEPT,
          () => new PrefixCache({ newCache: () => newCache(visibility), slots: SPARSE_SLOTS }),
        );
  return {
    of,
    newCache,
    // Those that forget are the garbage collector's.
    clear: () => dense.clear(),
    dispose: () => dense.dispose(),
  };
}
