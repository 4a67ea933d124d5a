/** What the model is told of a guide: one sentence for each setting. */

import type { TextLimits } from "../../protocol/constraint.js";
import { lengthTarget } from "./lengthScore.js";
import { audiences, languageName, languageOf, tones } from "./presets.js";
import type { PromptGuide } from "./promptGuide.js";

/** Empty where nothing is told. What is to be avoided is kept and not told: naming it makes it likelier. */
export function guideText({ tone, audience, language, wished, limits }: PromptGuide): string {
  const length = lengthTarget({ ...wished, ...limits });
  return [
    ...(tone === undefined ? [] : [`Your tone is ${wordsOf(tone, tones)}.`]),
    ...(audience === undefined ? [] : [`You write for ${wordsOf(audience, audiences)}.`]),
    ...(language === undefined ? [] : [`You write in ${nameOf(language)}.`]),
    ...(length === undefined ? [] : [`Your answer has ${length}.`]),
    ...includeText(limits),
  ].join(" ");
}

function wordsOf(asked: string, presets: readonly { readonly id: string; readonly words: string }[]): string {
  return presets.find((it) => it.id === asked)?.words ?? asked.trim().replace(/\.$/, "");
}

function nameOf(language: string): string {
  const code = languageOf(language);
  return code === undefined ? language : languageName(code);
}

function includeText({ include = [] }: TextLimits): string[] {
  return include.length === 0 ? [] : [`Your answer contains ${include.map((it) => `"${it}"`).join(" and ")}.`];
}
