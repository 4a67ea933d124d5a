/** Guidance: several readings of one text, whose logits are combined into one. */

import type { Branch } from "./branch.js";
import type { PrefillOptions } from "./prefill.js";
import type { Rows } from "./rows.js";

/** The same text, read several times: the first reading is that of the request alone. */
export interface Readings {
  readonly count: number;
  /** Of the prompt, the tokens that were known from an earlier request. */
  readonly cached: number;
  /** As in `GuidanceUsage`; left out: none. */
  readonly sharedTokens?: () => number;
  /** Reads the prompts; gives the logits [vocabulary] of each reading, or undefined when cancelled. */
  begin(options: PrefillOptions): Promise<readonly Float32Array[] | undefined>;
  /** Reads what was written; gives the logits [vocabulary] of each reading. */
  append(ids: readonly number[]): Promise<readonly Float32Array[]>;
  release(): void;
}

/** Makes the logits [vocabulary] to choose from of those of each reading, in an array of its own. */
export type Combine = (logits: readonly Float32Array[]) => Float32Array;

export function guidedBranch(readings: Readings, combine: Combine): Branch {
  let own: Float32Array | undefined;
  const combined = (logits: readonly Float32Array[]) => {
    [own] = logits;
    return combine(logits);
  };
  return {
    cached: readings.cached,
    readings: readings.count,
    ...(readings.sharedTokens && { sharedTokens: readings.sharedTokens }),
    async begin(options) {
      const logits = await readings.begin(options);
      return logits && combined(logits);
    },
    append: async (ids) => combined(await readings.append(ids)),
    unguided: () => own,
    release: () => readings.release(),
  };
}

/** Rows of one batch. */
export function rowReadings(rows: Rows): Readings {
  return {
    count: rows.count,
    cached: rows.cached,
    sharedTokens: () => rows.sharedTokens(),
    begin: (options) => rows.begin(options),
    append: (ids) => rows.append(Array<readonly number[]>(rows.count).fill(ids)),
    release: () => rows.release(),
  };
}

/** One after the other: models of their own have no batch in common. */
export function branchReadings(branches: readonly Branch[]): Readings {
  return {
    count: branches.length,
    cached: branches[0]!.cached,
    async begin({ signal, onProgress }) {
      const all: Float32Array[] = [];
      for (const [i, it] of branches.entries()) {
        const logits = await it.begin({ signal, ...(i === 0 && onProgress && { onProgress }) });
        if (logits === undefined) return undefined;
        all.push(logits);
      }
      return all;
    },
    async append(ids) {
      const all: Float32Array[] = [];
      for (const it of branches) all.push(await it.append(ids));
      return all;
    },
    release() {
      for (const it of branches) it.release();
    },
  };
}
