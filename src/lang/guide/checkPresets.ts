/** Whether a text is what its presets asked for, in plain code: each check is quick, says what it counted, and can be wrong. */

import { acceptsText } from "../../constraint/automaton.js";
import { textLanguage } from "../../constraint/text/limits.js";
import type { TextLimits } from "../../protocol/constraint.js";
import type { PresetCheck } from "../../protocol/guide.js";
import { audienceScore } from "./audienceScore.js";
import { lengthScore, lengthTarget } from "./lengthScore.js";
import { possibleLanguages, type DetectedLanguage } from "./measures/language.js";
import { audiences, languageName, languageOf, tones, type LanguageCode } from "./presets.js";
import { toneScore } from "./toneScore.js";

export interface AskedPresets {
  /** A preset's id; free words are not checked. */
  readonly tone?: string;
  /** The same. */
  readonly audience?: string;
  /** ISO 639-1 or an English name; one that is not among the presets is not checked. */
  readonly language?: string;
  /** `startsWith`, `endsWith` and `visibleStart` are not checked. */
  readonly limits?: TextLimits;
}

/**
 * One entry for each control that was asked for and can be measured. Tone and audience are measured in English only, the
 * language in texts of at least three words.
 */
export function checkPresets(asked: AskedPresets, text: string): readonly PresetCheck[] {
  const possible = possibleLanguages(text);
  const language = asked.language === undefined ? undefined : languageOf(asked.language);
  const isEnglish = (language ?? "en") === "en" && isLikely("en", possible);
  const limits = asked.limits ?? {};
  return [
    ...(isEnglish ? [...checkTone(asked.tone, text), ...checkAudience(asked.audience, text)] : []),
    ...checkLanguage(language, possible),
    ...checkLength(limits, text),
    ...checkInclude(limits.include ?? [], text),
    ...checkAvoid(limits.avoid ?? [], text),
  ];
}

function checkTone(asked: string | undefined, text: string): readonly PresetCheck[] {
  const tone = tones.find((it) => it.id === asked)?.id;
  return tone === undefined ? [] : [{ control: "tone", target: tone, ...toneScore(tone, text) }];
}

function checkAudience(asked: string | undefined, text: string): readonly PresetCheck[] {
  const audience = audiences.find((it) => it.id === asked)?.id;
  return audience === undefined ? [] : [{ control: "audience", target: audience, ...audienceScore(audience, text) }];
}

/** A language is taken for the text's when it is at least so likely, against the likeliest: a short text is often near to several. */
const NEAR = 0.6;

/** From 0 to 1, which is the likeliest language. */
function likelihood(language: LanguageCode, possible: readonly DetectedLanguage[]): number {
  const [best] = possible;
  const found = possible.find((it) => it.language === language);
  return best === undefined || found === undefined ? 0 : found.accuracy / best.accuracy;
}

/** Also where nothing is known. */
function isLikely(language: LanguageCode, possible: readonly DetectedLanguage[]): boolean {
  return possible.length === 0 || NEAR <= likelihood(language, possible);
}

function checkLanguage(asked: LanguageCode | undefined, possible: readonly DetectedLanguage[]): readonly PresetCheck[] {
  if (asked === undefined || possible.length === 0) return [];
  const score = likelihood(asked, possible);
  const near = possible.filter((it) => NEAR <= likelihood(it.language, possible));
  const result = near.map((it) => `${languageName(it.language)}, ${it.accuracy.toFixed(2)}`).join(" or ");
  return [{ control: "language", target: languageName(asked), result, score, passed: NEAR <= score }];
}

function checkLength(limits: TextLimits, text: string): readonly PresetCheck[] {
  const target = lengthTarget(limits);
  return target === undefined ? [] : [{ control: "length", target, ...lengthScore(limits, text) }];
}

function checkInclude(include: readonly string[], text: string): readonly PresetCheck[] {
  if (include.length === 0) return [];
  const missing = include.filter((it) => !text.includes(it));
  const result =
    missing.length === 0
      ? `all ${include.length} found`
      : `${missing.length} of ${include.length} missing: ${quoted(missing)}`;
  const score = 1 - missing.length / include.length;
  return [{ control: "include", target: quoted(include), result, score, passed: missing.length === 0 }];
}

/** In whatever case, by the constraint's own rule. */
function checkAvoid(avoid: readonly string[], text: string): readonly PresetCheck[] {
  if (avoid.length === 0) return [];
  const found = avoid.filter((it) => !acceptsText(textLanguage({ avoid: [it] }), text));
  const result =
    found.length === 0 ? `none of ${avoid.length} found` : `${found.length} of ${avoid.length} found: ${quoted(found)}`;
  const score = 1 - found.length / avoid.length;
  return [{ control: "avoid", target: quoted(avoid), result, score, passed: found.length === 0 }];
}

function quoted(texts: readonly string[]): string {
  return texts.map((it) => JSON.stringify(it)).join(", ");
}
