/** Presets of guidance as tables: tones, audiences and languages, with what the model is told. Each can be checked: see checkPresets.ts. */

export interface Preset {
  readonly id: string;
  /** What the model is told, after "the tone is" and the like. It names the id. */
  readonly words: string;
}

export const tones = [
  { id: "formal", words: "formal: polite and impersonal, in complete sentences, without contractions" },
  { id: "friendly", words: "friendly: warm and personal, as to somebody one likes" },
  { id: "plain", words: "plain: short sentences and everyday words" },
  { id: "enthusiastic", words: "enthusiastic: lively and full of praise" },
  { id: "matter-of-fact", words: "matter-of-fact: precise and technical, without adornment" },
] as const satisfies readonly Preset[];

export const audiences = [
  { id: "children", words: "children: short sentences and words that a child of ten knows" },
  { id: "beginners", words: "beginners: simple sentences, and every technical term is explained" },
  { id: "general", words: "general: a general public, without special knowledge" },
  { id: "experts", words: "experts: the terms of the field, and nothing explained that its people know" },
] as const satisfies readonly Preset[];

export type ToneId = (typeof tones)[number]["id"];
export type AudienceId = (typeof audiences)[number]["id"];

export interface Language {
  /** ISO 639-1. */
  readonly code: string;
  /** In English. */
  readonly name: string;
}

/** All that `tinyld/light` tells apart; `no` stands for Bokmål. */
export const languages = [
  { code: "ar", name: "Arabic" },
  { code: "bn", name: "Bengali" },
  { code: "de", name: "German" },
  { code: "el", name: "Greek" },
  { code: "en", name: "English" },
  { code: "es", name: "Spanish" },
  { code: "fi", name: "Finnish" },
  { code: "fr", name: "French" },
  { code: "he", name: "Hebrew" },
  { code: "hi", name: "Hindi" },
  { code: "hu", name: "Hungarian" },
  { code: "it", name: "Italian" },
  { code: "ja", name: "Japanese" },
  { code: "ko", name: "Korean" },
  { code: "nl", name: "Dutch" },
  { code: "no", name: "Norwegian" },
  { code: "pl", name: "Polish" },
  { code: "pt", name: "Portuguese" },
  { code: "ro", name: "Romanian" },
  { code: "ru", name: "Russian" },
  { code: "sv", name: "Swedish" },
  { code: "th", name: "Thai" },
  { code: "tr", name: "Turkish" },
  { code: "zh", name: "Chinese" },
] as const satisfies readonly Language[];

export type LanguageCode = (typeof languages)[number]["code"];

/** The code of a language that is given by code or English name, in whatever case. Undefined for one that is not in the table. */
export function languageOf(text: string): LanguageCode | undefined {
  const asked = text.trim().toLowerCase();
  return languages.find(({ code, name }) => code === asked || name.toLowerCase() === asked)?.code;
}

export function languageName(code: LanguageCode): string {
  return languages.find((it) => it.code === code)!.name;
}
