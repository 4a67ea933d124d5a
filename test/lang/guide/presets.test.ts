// Tables of presets: ids that are told to the model, and languages that the detector knows.

import assert from "node:assert/strict";
import { test } from "node:test";

import { langName, supportedLanguages, toISO2, toISO3 } from "tinyld/light";

import { audiences, languageName, languageOf, languages, tones } from "../../../src/lang/guide/presets.js";

for (const { id, words } of [...tones, ...audiences])
  test(`the words of "${id}" begin with its name and say what it means`, () => {
    assert.ok(words.startsWith(`${id}: `) && id.length + 10 < words.length, words);
  });

test("ids are there once", () => {
  for (const ids of [tones, audiences].map((presets) => presets.map((it) => it.id)))
    assert.deepEqual([...new Set(ids)], ids);
});

test("the languages are those that the detector knows, no more and no fewer", () => {
  assert.deepEqual(languages.map((it) => it.code).sort(), supportedLanguages.map(toISO2).sort());
});

test("languages have the detector's names", () => {
  for (const { code, name } of languages) assert.equal(name, langName(toISO3(code)));
});

const asked: readonly (readonly [text: string, code: string | undefined])[] = [
  ["de", "de"],
  ["DE", "de"],
  ["German", "de"],
  [" german ", "de"],
  ["CHINESE", "zh"],
  ["Deutsch", undefined],
  ["Klingon", undefined],
  ["", undefined],
];
for (const [text, code] of asked)
  test(`"${text}" asks for ${code ?? "no language that is known"}`, () => assert.equal(languageOf(text), code));

test("a language is found by its own code and name", () => {
  for (const { code } of languages) {
    assert.equal(languageOf(code), code);
    assert.equal(languageOf(languageName(code)), code);
  }
});
