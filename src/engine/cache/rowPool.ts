/** Caches for rows of a batch, kept between requests: their memory is large, and taken only as far as it is filled. */

import type { CacheRows } from "../ort/kvCache.js";

export interface RowPool {
  /** Empty caches of `count` rows; undefined where rows cannot be read together. */
  take(count: number): CacheRows | undefined;
  giveBack(rows: CacheRows): void;
}

/** Sets of rows that are kept. */
const KEPT = 2;

export function createRowPool(newRows: (count: number) => CacheRows | undefined): RowPool {
  const free: CacheRows[] = [];
  return {
    take(count) {
      const at = free.findIndex((it) => it.rows.length === count);
      return at < 0 ? newRows(count) : free.splice(at, 1)[0];
    },
    giveBack(rows) {
      for (const it of rows.rows) it.truncate(0);
      free.unshift(rows);
      free.length = Math.min(free.length, KEPT);
    },
  };
}
