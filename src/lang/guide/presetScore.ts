/** What a check of one preset found; checkPresets.ts says of which. */

export interface PresetScore {
  /** What was found, in words with numbers: "2 sentences", "formal, 0.81". */
  readonly result: string;
  /** From 0 (missed) to 1 (fully met). */
  readonly score: number;
  readonly passed: boolean;
}

export function clamped(score: number): number {
  return Math.max(0, Math.min(1, score));
}
