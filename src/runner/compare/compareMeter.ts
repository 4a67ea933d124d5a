/** How far a comparison is: cells, the speed of all rows together, and a guess of the time that is left. */

import type { CellResult, CompareEvent, CompareProgress } from "../../protocol/compare.js";

export interface CompareMeter {
  /** Counts, and tells of progress at most a few times a second. */
  saw(event: CompareEvent): void;
  ended(cell: CellResult): void;
  readonly done: number;
  readonly failed: number;
}

const EVERY_MS = 500;

export function createCompareMeter(
  total: number,
  tell: (progress: CompareProgress) => void,
  now: () => number = () => performance.now(),
): CompareMeter {
  const start = now();
  let told = -Infinity;
  let done = 0;
  let failed = 0;
  /** A piece of text is a token, nearly always; when a cell has ended its tokens are counted. */
  let pieces = 0;
  let writingSince: number | undefined;
  const progress = (): void => {
    const time = now();
    told = time;
    const writingMs = writingSince === undefined ? 0 : time - writingSince;
    const ended = done + failed;
    tell({
      ...{ type: "progress", done, failed, total },
      tokensPerSecond: writingMs < EVERY_MS ? 0 : (1000 * pieces) / writingMs, // the first pieces come all at once
      leftMs: ended === 0 ? undefined : ((time - start) / ended) * (total - ended),
    });
  };
  return {
    saw(event) {
      if (event.type !== "text" || event.hole === undefined) return;
      writingSince ??= now();
      pieces++;
      if (EVERY_MS <= now() - told) progress();
    },
    ended(cell) {
      if (cell.status === "failed") failed++;
      else if (cell.status === "finished") done++;
      progress();
    },
    get done() {
      return done;
    },
    get failed() {
      return failed;
    },
  };
}
