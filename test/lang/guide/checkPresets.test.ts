// A text against the presets it was asked for: what is checked, what passes, and what is said of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { acceptsText } from "../../../src/constraint/automaton.js";
import { textLanguage } from "../../../src/constraint/text/limits.js";
import { checkPresets, type AskedPresets } from "../../../src/lang/guide/checkPresets.js";
import type { PresetCheck } from "../../../src/protocol/guide.js";
import { audiences, tones, type AudienceId, type ToneId } from "../../../src/lang/guide/presets.js";
import type { TextLimits } from "../../../src/protocol/constraint.js";

const texts = {
  official:
    "Please be advised that the committee will meet on Tuesday. Furthermore, all reports must be submitted by noon.",
  thanks:
    "Thank you for your kind message. I'm so glad you enjoyed the evening, and I hope we see each other again soon.",
  cat: "The cat sat on the mat. It was a hot day. The dog ran to the park.",
  praise: "What an amazing book! The story is brilliant and the characters are wonderful. You will love it!",
  physics: "Water boils at 100 degrees Celsius at sea level. At higher altitude the boiling point falls.",
  thesis:
    "The epistemological ramifications of quantum decoherence necessitate a comprehensive reconsideration of deterministic interpretations.",
  complaint: "This product is terrible. It broke after one day and everybody was disappointed.",
  manual:
    "Before the installation of the application, a sufficient amount of memory should be available on every computer.",
  news: "The city council will build a new library near the river because many families of students live there now.",
};
type TextName = keyof typeof texts;

/** All others of the texts fail. */
const inTone: Readonly<Record<ToneId, readonly TextName[]>> = {
  formal: ["official", "thesis", "manual"],
  friendly: ["thanks", "praise"],
  plain: ["official", "thanks", "cat", "praise", "physics"],
  enthusiastic: ["praise"],
  "matter-of-fact": ["official", "cat", "physics", "thesis", "manual", "news"],
};
for (const { id } of tones)
  test(`${id} are just these: ${inTone[id].join(", ")}`, () => {
    assert.deepEqual(passing({ tone: id }), inTone[id]);
  });

const forReaders: Readonly<Record<AudienceId, readonly TextName[]>> = {
  children: ["thanks", "cat", "praise"],
  beginners: ["official", "thanks", "cat", "praise", "physics", "complaint"],
  general: ["official", "thanks", "cat", "praise", "physics", "complaint", "news"],
  experts: ["thesis", "manual"],
};
for (const { id } of audiences)
  test(`for ${id} are just these: ${forReaders[id].join(", ")}`, () => {
    assert.deepEqual(passing({ audience: id }), forReaders[id]);
  });

const found: readonly (readonly [asked: AskedPresets, text: string, shown: readonly string[]])[] = [
  [{}, texts.cat, []],
  [{ tone: "formal" }, texts.official, ["tone: formal | formal, 0.80 | 0.80 passed"]],
  [{ tone: "formal" }, "Hey dude, the cat is here.", ["tone: formal | informal, 0.25 | 0.25 missed"]],
  [{ tone: "formal" }, texts.cat, ["tone: formal | neutral, 0.50 | 0.50 missed"]],
  [
    { tone: "friendly" },
    "Yeah, this is a good book.",
    ["tone: friendly | 1 positive and 0 negative words, 1 personal or informal and 0 formal markers | 0.82 passed"],
  ],
  [
    { tone: "friendly" },
    "This is a good book.",
    ["tone: friendly | 1 positive and 0 negative words, 0 personal or informal and 0 formal markers | 0.71 missed"],
  ],
  [{ tone: "plain" }, "The cat sat on the mat.", ["tone: plain | reading ease 116 | 1.00 passed"]],
  [
    { tone: "enthusiastic" },
    "This is a good book!",
    ["tone: enthusiastic | 1 positive word and 1 exclamation mark in 1 sentence | 1.00 passed"],
  ],
  [
    { tone: "enthusiastic" },
    "This is a good book.",
    ["tone: enthusiastic | 1 positive word and 0 exclamation marks in 1 sentence | 0.50 missed"],
  ],
  [
    { tone: "matter-of-fact" },
    "The water is in the house!",
    ["tone: matter-of-fact | 0 words of praise or blame, 1 exclamation mark | 0.50 missed"],
  ],
  [{ audience: "children" }, "The cat sat on the mat.", ["audience: children | grade -1.4 | 1.00 passed"]],
  [
    { tone: "formal", audience: "experts" },
    "",
    ["tone: formal | no words | 0.00 missed", "audience: experts | no words | 0.00 missed"],
  ],
  // not measured
  [{ tone: "like a pirate", audience: "my aunt", language: "Klingon" }, texts.cat, []],
  [{ language: "German" }, "Guten Morgen", []],
  [{ tone: "formal", audience: "general" }, "Der Ausschuss tagt am Dienstag um zehn Uhr.", []],
  [
    { tone: "formal", language: "en" },
    "Il comitato si riunirà martedì alle dieci.",
    ["language: English | Italian, 1.00 | 0.00 missed"],
  ],
  // language
  [
    { language: "it" },
    "Il comitato si riunirà martedì alle dieci.",
    ["language: Italian | Italian, 1.00 | 1.00 passed"],
  ],
  [
    { language: "French" },
    "Le comité se réunira mardi à dix heures.",
    ["language: French | Spanish, 0.09 or French, 0.09 or Portuguese, 0.07 | 0.99 passed"],
  ],
  // limits
  [
    { limits: { sentences: { min: 2, max: 4 } } },
    "One. Two.",
    ["length: 2 to 4 sentences | 2 sentences | 1.00 passed"],
  ],
  [{ limits: { sentences: { min: 2, max: 4 } } }, "One.", ["length: 2 to 4 sentences | 1 sentence | 0.50 missed"]],
  [
    { limits: { sentences: { max: 1 } } },
    "One and",
    ["length: at most 1 sentence | 1 sentence, the last sentence does not end | 0.50 missed"],
  ],
  [{ limits: { words: { min: 3, max: 3 } } }, " a b c\n", ["length: 3 words | 3 words | 1.00 passed"]],
  [
    { limits: { words: { min: 2 }, chars: { max: 4 } } },
    "ab cdefg",
    ["length: at least 2 words, at most 4 characters | 2 words, 8 characters | 0.50 missed"],
  ],
  [{ limits: { words: { max: 3 } } }, "", ["length: at most 3 words | 0 words | 0.00 missed"]],
  [{ limits: { startsWith: "A" } }, "B", []],
  [
    { limits: { include: ["red", "Blue"] } },
    "a red car",
    ['include: "red", "Blue" | 1 of 2 missing: "Blue" | 0.50 missed'],
  ],
  [{ limits: { include: ["red"] } }, "a red car", ['include: "red" | all 1 found | 1.00 passed']],
  [{ limits: { avoid: ["red", "blue"] } }, "a RED car", ['avoid: "red", "blue" | 1 of 2 found: "red" | 0.50 missed']],
  [{ limits: { avoid: ["red"] } }, "", ['avoid: "red" | none of 1 found | 1.00 passed']],
  [{ limits: { include: [], avoid: [] } }, "a", []],
];
for (const [asked, text, shown] of found)
  test(`${JSON.stringify(asked)} of ${JSON.stringify(text.slice(0, 40))}`, () => {
    assert.deepEqual(checkPresets(asked, text).map(show), shown);
  });

const bounds = fc.tuple(fc.nat(4), fc.nat(4)).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
const limits = fc.record(
  { words: bounds, sentences: bounds, chars: bounds, include: fc.constant(["a"]), avoid: fc.constant(["b."]) },
  { requiredKeys: [] },
);
const pieces = fc
  .array(fc.constantFrom("a", "B", "🙂", ".", "!", " ", "\n", "x. "), { maxLength: 8 })
  .map((it) => it.join(""));

test("a trimmed text passes its limits just where the constraint accepts it", () => {
  fc.assert(
    fc.property(limits, pieces, (asked, text) => {
      const trimmed = text.trim();
      const passed = checkPresets({ limits: asked as TextLimits }, trimmed).every((it) => it.passed);
      assert.equal(passed, acceptsText(textLanguage(asked as TextLimits), trimmed));
    }),
    { numRuns: 200 },
  );
});

test("whatever the text, scores lie between 0 and 1, and every control has words", () => {
  const asked = fc.record({
    tone: fc.constantFrom(...tones.map((it) => it.id)),
    audience: fc.constantFrom(...audiences.map((it) => it.id)),
    language: fc.constantFrom("en", "de"),
    limits,
  });
  fc.assert(
    fc.property(asked, fc.oneof(fc.string({ unit: "binary" }), fc.lorem({ maxCount: 20 })), (it, text) => {
      for (const { score, target, result } of checkPresets(it as AskedPresets, text)) {
        assert.ok(0 <= score && score <= 1, `${target}: ${score}`);
        assert.ok(target !== "" && result !== "");
      }
    }),
  );
});

/** Names of the texts that pass the one check that is asked for; each must have it. */
function passing(asked: AskedPresets): readonly string[] {
  return Object.entries(texts).flatMap(([name, text]) => {
    const checks = checkPresets(asked, text);
    assert.equal(checks.length, 1, name);
    return checks[0]!.passed ? [name] : [];
  });
}

function show({ control, target, result, score, passed }: PresetCheck): string {
  return `${control}: ${target} | ${result} | ${score.toFixed(2)} ${passed ? "passed" : "missed"}`;
}
