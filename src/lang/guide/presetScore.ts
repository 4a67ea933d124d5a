/** What a check of one preset found; checkPresets.ts says of which. */

import type { PresetCheck } from "../../protocol/guide.js";

export type PresetScore = Pick<PresetCheck, "result" | "score" | "passed">;

export function clamped(score: number): number {
  return Math.max(0, Math.min(1, score));
}
