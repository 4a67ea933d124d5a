/** What a run says of a hole's control when it is done: what it kept, what that cost, and whether it fought the model. */

import { count } from "../base/count.js";
import type { AttentionUsage } from "../protocol/attention.js";
import type { ConstraintUsage, GuidanceUsage, LookupUsage } from "../protocol/engine.js";
import type { Candidate, PresetCheck } from "../protocol/guide.js";
import type { FilledHole } from "../protocol/run.js";

/** The model's own probability that a constraint leaves; below this a token is one the model hardly wanted. */
const HARDLY = 0.01;

/** Lines for people; none for a hole without control. */
export function holeReport(hole: FilledHole): readonly string[] {
  const { name, usage, finish, check, scores, presets = [], candidates = [] } = hole;
  const { constraint, completionTokens, promptTokens, guidance, attention, lookup } = usage;
  const lines: string[] = [];
  if (finish === "length") {
    const closed = constraint?.kept === true ? "was brought to its end early" : "was cut off";
    lines.push(`${name} ${closed}: the limit of tokens was reached.`);
  }
  if (attention !== undefined) lines.push(`${name} ${attentionLine(attention, promptTokens)}`);
  if (lookup !== undefined) lines.push(`${name} ${lookupLine(lookup, completionTokens)}`);
  if (constraint !== undefined) lines.push(`${name}: ${constraintLine(constraint, completionTokens)}`);
  if (guidance !== undefined) lines.push(`${name}: ${guidanceLine(guidance)}`);
  for (const it of presets) lines.push(`${name}: ${presetLine(it)}`);
  if (0 < candidates.length) lines.push(`${name}: ${candidatesLine(candidates)}`);
  if (constraint?.kept === false) lines.push(`${name}: what was preferred was not kept.`);
  const hard = hardlyWanted(constraint);
  if (hard !== undefined) lines.push(`${name}: ${hard}`);
  if (scores !== undefined) {
    const shown = [...scores].sort((a, b) => b.probability - a.probability);
    lines.push(`${name}: ${shown.map((it) => `${it.option} ${percent(it.probability)}`).join(", ")}`);
  }
  if (check !== undefined && 1 < check.attempts) lines.push(`${name}: written ${check.attempts} times.`);
  if (check?.problem !== undefined) lines.push(`${name}: kept although ${check.problem}.`);
  return lines;
}

function guidanceLine({ readings, askedTokens, changedTokens }: GuidanceUsage): string {
  const read = readings === 1 ? "" : `each token was read ${readings} times; `;
  return `${read}guidance changed ${changedTokens} of ${count(askedTokens, "token")}.`;
}

/** `tone formal: formal, 0.81` or, where it was missed, what is missing. */
function presetLine({ control, target, result, passed }: PresetCheck): string {
  return `${control}, ${target}: ${result}${passed ? "" : " (missed)"}.`;
}

function candidatesLine(candidates: readonly Candidate[]): string {
  const best = candidates.findIndex((it) => it.chosen);
  const shown = candidates.map(({ meanLogprob, presets }) => (presets ?? meanLogprob).toFixed(2));
  const by = candidates.every((it) => it.presets === undefined) ? "mean log-probabilities" : "presets";
  return `text ${best + 1} of ${candidates.length} was the best; ${by} ${shown.join(", ")}.`;
}

/** What an answer could not know. */
export function attentionLine({ pattern, attended }: AttentionUsage, promptTokens: number): string {
  const seen = attended.reduce((sum, [from, to]) => sum + to - from, 0);
  return `was written with ${pattern} attention: its first token saw ${seen} of ${count(promptTokens, "token")} of the prompt.`;
}

/** What guessing was good for. */
export function lookupLine({ steps, draftedTokens, acceptedTokens }: LookupUsage, tokens: number): string {
  const right = draftedTokens === 0 ? "nothing was guessed" : `right guesses: ${acceptedTokens} of ${draftedTokens}`;
  return `took ${count(steps, "step")} for ${count(tokens, "token")}; ${right}.`;
}

function constraintLine({ forcedTokens, maskMs, compileMs, legalMass }: ConstraintUsage, tokens: number): string {
  const parts = [`${forcedTokens} of ${tokens} tokens forced`];
  if (0 < legalMass.length) {
    const mean = legalMass.reduce((sum, it) => sum + it, 0) / legalMass.length;
    parts.push(`legal mass ${percent(mean)}, lowest ${percent(Math.min(...legalMass))}`);
  }
  return `${parts.join(", ")}; constraint ${(compileMs + maskMs).toFixed(1)} ms.`;
}

/** A remark where a constraint leaves out everything that the model would have written. */
function hardlyWanted(constraint: ConstraintUsage | undefined): string | undefined {
  if (constraint === undefined) return undefined;
  const { legalMass } = constraint;
  const hard = legalMass.filter((it) => it < HARDLY).length;
  if (hard === 0) return undefined;
  return (
    `at ${hard} of ${legalMass.length} tokens the constraint excluded every likely token of the model. ` +
    "Show the wanted form in the prompt, or loosen the constraint."
  );
}

function percent(share: number): string {
  return share < 0.01 && 0 < share ? "below 1 %" : `${Math.round(share * 100)} %`;
}
