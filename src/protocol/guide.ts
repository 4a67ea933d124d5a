/** What steers a run, as it is told across processes; the settings themselves are `tiller.guide` (lang/guide/readGuide.ts). */

/** What a check of one preset found. */
export interface PresetCheck {
  readonly control: "tone" | "audience" | "language" | "length" | "include" | "avoid";
  /** What was asked for, in words. */
  readonly target: string;
  /** What was found, in words with numbers: "2 sentences", "formal, 0.81". */
  readonly result: string;
  /** From 0 (missed) to 1 (fully met). */
  readonly score: number;
  readonly passed: boolean;
}

/** One of the texts of best-of-n. */
export interface Candidate {
  readonly text: string;
  readonly seed: number;
  /** Mean natural logarithm of the tokens' probabilities. */
  readonly meanLogprob: number;
  /** Mean score of the presets, 0 to 1; undefined where none was asked for. */
  readonly presets: number | undefined;
  readonly chosen: boolean;
}
