/** Whether an English text is as hard as its readers can take, by the school grade that it needs. */

import { measureReadability } from "./measures/readability.js";
import { clamped, type PresetScore } from "./presetScore.js";
import type { AudienceId } from "./presets.js";

/**
 * Flesch-Kincaid grades, both ends included. Children of ten are in grade 5. The general public reads up to grade 9 easily
 * (Flesch's "standard", an ease of 60 to 70, is grades 8 and 9), learners of a subject somewhat less; from 10 on a text asks for
 * more than that, as those for experts may.
 */
const grades: Readonly<Record<AudienceId, { readonly min?: number; readonly max?: number }>> = {
  children: { max: 5 },
  beginners: { max: 8 },
  general: { max: 10 },
  experts: { min: 10 },
};

/** Grades beyond the band at which nothing of the score is left. */
const FAR = 5;

/** Passed within the band only. */
export function audienceScore(audience: AudienceId, text: string): PresetScore {
  const grade = measureReadability(text)?.grade;
  if (grade === undefined) return { result: "no words", score: 0, passed: false };
  const { min = -Infinity, max = Infinity } = grades[audience];
  const beyond = Math.max(0, min - grade, grade - max);
  return { result: `grade ${grade.toFixed(1)}`, score: clamped(1 - beyond / FAR), passed: beyond === 0 };
}
