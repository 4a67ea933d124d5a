/** One reading of the model: a prompt in a cache, what is appended to it, and the logits after that. */

import type { LookupUsage } from "../../protocol/engine.js";
import type { Lease } from "../cache/prefixCache.js";
import type { Reader } from "../reader.js";
import { prefill, type PrefillOptions } from "./prefill.js";

export interface Branch {
  /** Tokens of the prompt that were known from an earlier request. */
  readonly cached: number;
  /** Reads the prompt; gives the logits [vocabulary] after it, or undefined when cancelled. */
  begin(options: PrefillOptions): Promise<Float32Array | undefined>;
  /** Reads what was written; gives the logits [vocabulary] after it. */
  append(ids: readonly number[]): Promise<Float32Array>;
  /** Of the last reading, the logits [vocabulary] before guidance; undefined where there is none. */
  unguided(): Float32Array | undefined;
  /** How often each token is read. */
  readonly readings: number;
  /** As in `GuidanceUsage`; left out: none. */
  readonly sharedTokens?: () => number;
  /** Left out: nothing is guessed. */
  readonly lookup?: () => LookupUsage;
  /** Gives the caches back. */
  release(): void;
}

export interface PlainBranch extends Branch {
  readonly lease: Lease;
}

/** `prompt` begins with the reader's virtual ids. */
export function createBranch(reader: Reader, prompt: readonly number[]): PlainBranch {
  const lease = reader.lease(prompt);
  return {
    lease,
    readings: 1,
    unguided: () => undefined,
    cached: lease.cache.length,
    begin: (options) => prefill(reader, lease, prompt, options),
    async append(ids) {
      const logits = await reader.read(lease.cache, ids, [ids.length - 1]);
      lease.appended(ids);
      return logits;
    },
    release: () => lease.release(),
  };
}
