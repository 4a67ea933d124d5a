/**
 * What a model would write if its later layers were not there: the stream behind an early layer, under the model's own last
 * norm and head (DoLa, arXiv 2309.03883). It costs the head once more, and no second reading.
 */

import { hookNames } from "../graph/hooks.js";
import type { Reader } from "../reader.js";
import { prefill } from "./prefill.js";
import type { Readings } from "./guidedBranch.js";

/** The model, and the model behind `layers` layers. The reader's decoder has that hook. `prompt` has its virtual ids. */
export function earlyExitReadings(
  reader: Reader,
  prompt: readonly number[],
  { layers, vocabularySize }: { readonly layers: number; readonly vocabularySize: number },
): Readings {
  const before = prompt.slice(0, -1);
  const lease = reader.lease(before);
  async function read(ids: readonly number[]): Promise<readonly Float32Array[]> {
    const early = new Float32Array(vocabularySize);
    const extra = { [hookNames.exit(layers)]: { dims: [1, vocabularySize], data: early } };
    const logits = await reader.read(lease.cache, ids, [ids.length - 1], extra);
    lease.appended(ids);
    return [logits, early];
  }
  return {
    count: 2,
    cached: lease.cache.length,
    async begin(options) {
      // The outputs of an early exit are those of all rows that are asked for: only the last token is.
      if (0 < before.length && (await prefill(reader, lease, before, options)) === undefined) return undefined;
      const read1 = await read(prompt.slice(-1));
      options.onProgress?.(prompt.length);
      return read1;
    },
    append: read,
    release: () => lease.release(),
  };
}
