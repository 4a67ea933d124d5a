/** Lets code that cannot wait count tokens with an engine that must be waited for. */

import type { CountTokens } from "../lang/shots/selectShots.js";
import type { Engine, LoadEvent, ModelSpec, OnEvent } from "../protocol/engine.js";

export interface TokenCounting {
  readonly engine: Pick<Engine, "tokenize">;
  readonly model: ModelSpec;
}

/**
 * What `compute` gives when every text that it asks for has been counted. It is called again and again: a text that is asked
 * for the first time counts 0, and is counted before the next call. Models are loaded only if something is asked.
 */
export async function withTokenCounts<T>(
  { engine, model }: TokenCounting,
  compute: (count: CountTokens) => T,
  onEvent: OnEvent<LoadEvent>,
  signal: AbortSignal,
): Promise<T> {
  const known = new Map([["", 0]]);
  for (;;) {
    const asked = new Set<string>();
    const result = compute((text) => {
      const count = known.get(text);
      if (count === undefined) asked.add(text);
      return count ?? 0;
    });
    if (asked.size === 0) return result;
    try {
      for (const text of asked) {
        const { ids } = await engine.tokenize({ model, prompt: { type: "text", text } }, onEvent, signal);
        known.set(text, ids.length);
      }
    } catch (error) {
      // A run that is cancelled is no error: what comes next will say so.
      if (signal.aborted) return result;
      throw error;
    }
  }
}
