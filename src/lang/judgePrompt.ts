/** A prompt that judges: what it must have so that it can be asked which of two outputs is better. */

import type { PromptFile } from "./ast.js";
import { holeSettings, wholeHole } from "./holeSettings.js";
import { holesIn } from "./holes.js";
import { readMetadata } from "./metadata.js";
import { usedVariables } from "./variables.js";

/** What it is given; it need not use the first. */
export const judgeVariables = ["input", "first", "second"] as const;

/** The name of the hole that says which is better, or in words why there is none. */
export type JudgeReading = { readonly hole: string } | { readonly problem: string };

export function readJudge(file: PromptFile): JudgeReading {
  const used = new Set(usedVariables(file.body.nodes).map((it) => it.name));
  const missing = ["first", "second"].filter((it) => !used.has(it));
  // A partial may show them.
  if (0 < missing.length && !file.text.includes("{{>"))
    return {
      problem: `a judge is shown both outputs, and this prompt does not use {{${missing.join("}} and {{")}}}`,
    };
  const settings = holeSettings(readMetadata(file));
  const choices = holesIn(file.body.nodes).filter((it) => isVerdict(wholeHole(it, settings).constraint));
  const [hole, ...others] = choices;
  if (hole === undefined)
    return {
      problem: 'it has no hole that chooses between "first" and "second", such as {{select "better" "first" "second"}}',
    };
  if (0 < others.length)
    return { problem: `it chooses more than once: "${choices.map((it) => it.name).join('" and "')}". Keep one` };
  return { hole: hole.name };
}

function isVerdict(constraint: ReturnType<typeof wholeHole>["constraint"]): boolean {
  if (constraint?.kind !== "choice") return false;
  const { options } = constraint;
  return ["first", "second"].every((it) => options.includes(it)) && options.every((it) => verdicts.includes(it));
}

const verdicts: readonly string[] = ["first", "second", "tie"];
