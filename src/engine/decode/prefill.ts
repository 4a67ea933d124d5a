/** Reads a prompt into a cache, in pieces small enough that a cancel is obeyed between two of them. */

import type { Lease } from "../cache/prefixCache.js";
import type { Reader } from "../reader.js";

export interface PrefillOptions {
  readonly signal: AbortSignal;
  /** Tokens of the prompt that are in the cache, after each piece. */
  readonly onProgress?: (done: number) => void;
}

/** One piece should take about this long: a cancel waits for its end. */
const PIECE_MS = 80;
const FIRST_PIECE = 64;
const SMALLEST_PIECE = 16;
const LARGEST_PIECE = 256;

/**
 * Appends those of `ids` that the lease does not hold yet and returns the logits [vocabulary] after the last of them, or
 * undefined when cancelled.
 *
 * The last token is read alone, as generated tokens are: with 8-bit activations a step of one token rounds a little
 * differently from a step of many, and the same prompt must give the same numbers whether or not it was known before.
 */
export async function prefill(
  reader: Reader,
  lease: Lease,
  ids: readonly number[],
  { signal, onProgress }: PrefillOptions,
): Promise<Float32Array | undefined> {
  let size = FIRST_PIECE;
  while (lease.cache.length < ids.length - 1) {
    // A cancel that arrived while the last piece was read is only heard after the event loop had its turn.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) return undefined;
    const from = lease.cache.length;
    const piece = ids.slice(from, Math.min(from + size, ids.length - 1));
    const start = performance.now();
    await reader.read(lease.cache, piece, []);
    lease.appended(piece);
    onProgress?.(lease.cache.length);
    if (piece.length === size) size = nextSize(size, performance.now() - start);
  }
  if (signal.aborted) return undefined;
  const last = ids.slice(-1);
  const logits = await reader.read(lease.cache, last, [0]);
  lease.appended(last);
  onProgress?.(ids.length);
  return logits;
}

/** Pieces grow and shrink with what they took, by halves and doubles, so that the sizes stay few. */
function nextSize(size: number, tookMs: number): number {
  if (tookMs < PIECE_MS / 2.2) return Math.min(size * 2, LARGEST_PIECE);
  if (PIECE_MS * 1.5 < tookMs) return Math.max(size / 2, SMALLEST_PIECE);
  return size;
}
