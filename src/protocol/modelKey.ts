/** When two specs are one loaded model. */

import type { ModelSpec } from "./engine.js";

/** Equal for specs that are one model in memory; how long it stays there, and whether it fits, make no difference. */
export function modelKey(spec: ModelSpec): string {
  const { path, precision, contextTokens, threads, device, slidingWindow, cache, projector } = spec;
  const numbers = [contextTokens ?? null, threads ?? null];
  const kinds = [precision ?? "fast", device ?? "auto", slidingWindow === true, cache ?? "float32"];
  return JSON.stringify([path, ...numbers, ...kinds, projector ?? null]);
}
