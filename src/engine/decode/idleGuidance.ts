/** Guidance that changes nothing, which is to cost nothing. */

import type { Guidance } from "../../protocol/engine.js";

export function isIdle(guidance: Guidance | undefined): boolean {
  if (guidance === undefined) return true;
  return guidance.strength === (guidance.kind === "classifier-free" ? 1 : 0);
}
