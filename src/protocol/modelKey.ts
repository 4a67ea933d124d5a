/** When two specs are one loaded model. */

import type { ModelSpec } from "./engine.js";

/** Equal for specs that are one model in memory; how long it stays there, and whether it fits, make no difference. */
export function modelKey({ path, precision, contextTokens, threads, device, slidingWindow, cache }: ModelSpec): string {
  const numbers = [contextTokens ?? null, threads ?? null];
  const kinds = [precision ?? "fast", device ?? "auto", slidingWindow === true, cache ?? "float32"];
  return JSON.stringify([path, ...numbers, ...kinds]);
}
