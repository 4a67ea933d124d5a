// Regular expressions accept exactly what JavaScript's own engine matches.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { acceptsText } from "../../src/constraint/automaton.js";
import { regexLanguage } from "../../src/constraint/language.js";

const samples = [
  "",
  "a",
  "b",
  "ab",
  "ba",
  "aab",
  "abc",
  "1",
  "12",
  "-1",
  "é",
  "日本",
  "😀",
  "a\nb",
  "A",
  "_",
  "a.b",
  " ",
];

for (const source of [
  "^a*b$",
  "a|b",
  "^(?:a|b)+$",
  "^[^a]$",
  "^.$",
  "^\\d{1,2}$",
  "\\w",
  "^\\W+$",
  "^\\s*$",
  "^[a-z\\d]{2,}?$",
  "^\\p{L}+$",
  "^\\P{L}$",
  "^\\u{1F600}$",
  "^[\\u0080-\\uffff]+$",
  "^(a|b$)",
  "^(?!ab)[a-z]+$",
  "^(?=.*b)[ab]+$",
  "^$",
  "",
  "a.b",
  "^a\\.b$",
  "[]a]",
]) {
  test(`/${source}/ matches what JavaScript matches`, () => {
    const own = isUnicode(source) ? new RegExp(source, "u") : new RegExp(source);
    const found = regexLanguage(source, { whole: false });
    for (const text of samples) assert.equal(acceptsText(found, text), own.test(text), JSON.stringify(text));
  });
}

test("random expressions match what JavaScript matches", () => {
  const atom = fc.constantFrom("a", "b", "c", "[ab]", "[^b]", ".", "\\d", "é", "(?:ab|c)", "[a-c]");
  const quantifier = fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,3}", "{0,}", "*?");
  const piece = fc.tuple(atom, quantifier).map(([a, q]) => a + q);
  const sequence = fc.array(piece, { minLength: 1, maxLength: 4 }).map((it) => it.join(""));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { weight: 3, arbitrary: sequence },
      fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => `(?:${String(a)}|${String(b)})`),
      fc.tuple(tie("tree"), quantifier).map(([a, q]) => `(?:${String(a)})${q}`),
    ),
  }));
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "1", "é", "\n"), maxLength: 6 });
  fc.assert(
    fc.property(tree as fc.Arbitrary<string>, fc.array(text, { maxLength: 8 }), (source, texts) => {
      const own = new RegExp(`^(?:${source})$`, "u");
      const found = regexLanguage(source, { whole: true });
      for (const it of texts)
        assert.equal(acceptsText(found, it), own.test(it), `/${source}/ on ${JSON.stringify(it)}`);
    }),
    { numRuns: 400 },
  );
});

for (const [source, message] of [
  ["(", /"\(" is never closed at position 1/],
  ["[a", /"\[" is never closed at position 1/],
  ["a**", /nothing to repeat/],
  ["a{3,1}", /numbers out of order/],
  ["[b-a]", /range out of order/],
  ["a)", /unmatched "\)" at position 2/],
  ["\\p{Nothing}", /unknown Unicode property/],
] as const) {
  test(`/${source}/ is refused as not valid, with the position`, () => {
    assert.throws(() => regexLanguage(source, { whole: true }), { code: "constraint-invalid", message });
  });
}

for (const [source, message] of [
  ["(a)\\1", /back reference/],
  ["\\bword\\b", /word boundary/],
  ["a(?=b)", /looking ahead in the middle/],
  ["(?<=a)b", /looking behind/],
  ["a{1,100000}{1,1000}", /nothing to repeat|states/],
  ["(?:a{1,1000}){1,1000}", /states/],
] as const) {
  test(`/${source}/ is refused by name`, () => {
    const start = performance.now();
    assert.throws(
      () => regexLanguage(source, { whole: true }),
      (error: Error) => message.test(error.message),
    );
    assert.ok(performance.now() - start < 2000);
  });
}

/** A lone "]" is an error with the flag. */
function isUnicode(source: string): boolean {
  return source !== "[]a]";
}
