/** How fast bytes come, over the last seconds: what comes from the disk or came long ago says nothing of what is left. */

export interface TransferRate {
  /** `nowMs` never goes back. */
  add(bytes: number, nowMs: number): void;
  /** Undefined until half a second has been seen. */
  bytesPerSecond(nowMs: number): number | undefined;
}

const WINDOW_MS = 5000;
const LEAST_MS = 500;
const SLICE_MS = 100;

export function transferRate(startMs: number): TransferRate {
  /** One entry for each slice of time; old ones fall out. */
  let slices: { readonly fromMs: number; bytes: number }[] = [];
  return {
    add(bytes, nowMs) {
      const last = slices.at(-1);
      if (last !== undefined && nowMs - last.fromMs < SLICE_MS) last.bytes += bytes;
      else slices.push({ fromMs: nowMs, bytes });
    },
    bytesPerSecond(nowMs) {
      slices = slices.filter((it) => nowMs - it.fromMs < WINDOW_MS);
      const tookMs = Math.min(nowMs - startMs, WINDOW_MS);
      if (tookMs < LEAST_MS) return undefined;
      return (slices.reduce((sum, it) => sum + it.bytes, 0) * 1000) / tookMs;
    },
  };
}
