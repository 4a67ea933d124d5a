// Which language a text is written in.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { measureLanguage, possibleLanguages } from "../../../../src/lang/guide/measures/language.js";

/** Of each family some; short ones are not always told apart. */
const written: readonly (readonly [code: string, text: string])[] = [
  ["en", "The committee will meet on Tuesday at ten."],
  ["de", "Der Ausschuss tagt am Dienstag um zehn Uhr."],
  ["fr", "Je voudrais une tasse de café avec du sucre, s'il vous plaît."],
  ["es", "El comité se reunirá el martes a las diez."],
  ["pt", "O comité vai reunir-se na terça-feira às dez horas."],
  ["it", "Il comitato si riunirà martedì alle dieci."],
  ["nl", "De commissie vergadert dinsdag om tien uur."],
  ["sv", "Kommittén träffas på tisdag klockan tio."],
  ["no", "Komiteen møtes tirsdag klokken ti."],
  ["pl", "Komisja spotka się we wtorek o dziesiątej."],
  ["ru", "Комитет соберётся во вторник в десять часов."],
  ["tr", "Komite salı günü saat onda toplanacak."],
  ["ja", "今日は天気がいいですね。"],
  ["zh", "你好，今天天气很好。"],
];
for (const [code, text] of written)
  test(`"${text}" is ${code}`, () => assert.equal(measureLanguage(text)?.language, code));

for (const text of ["", "Hello", "Guten Morgen", "你好", "12 34 56", "🙂 🙂 🙂"])
  test(`${JSON.stringify(text)} could be any language`, () => assert.equal(measureLanguage(text), undefined));

test("the possible languages of whatever text are in order and have accuracies from 0 to 1", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
      const accuracies = possibleLanguages(`the ${text} of`).map((it) => it.accuracy);
      assert.ok(accuracies.every((it) => 0 <= it && it <= 1));
      assert.deepEqual(
        accuracies,
        accuracies.toSorted((a, b) => b - a),
      );
    }),
  );
});
