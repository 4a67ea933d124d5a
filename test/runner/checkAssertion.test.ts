// Checks of tests, each met and missed.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Json } from "../../src/base/json.js";
import type { Assertion } from "../../src/lang/tests/promptTest.js";
import { checkAssertion } from "../../src/runner/tests/checkAssertion.js";
import { editDistance } from "../../src/runner/tests/editDistance.js";

const cases: readonly (readonly [Assertion, met: Json, missed: Json])[] = [
  [{ type: "contains", value: "cat" }, "a cat", "a dog"],
  [{ type: "not-contains", value: "cat" }, "a dog", "a cat"],
  [{ type: "equals", value: "yes" }, " yes\n", "yes."],
  [{ type: "equals", value: { a: [1, 2] } }, { a: [1, 2] }, { a: [2, 1] }],
  [{ type: "regex", value: "[0-9]{3}" }, "call 112", "call 11"],
  [{ type: "starts-with", value: "Dear" }, "Dear Ada", "My dear"],
  [{ type: "ends-with", value: "." }, "So.", "So"],
  [{ type: "min-words", value: 2 }, "one two", "one"],
  [{ type: "max-words", value: 2 }, "one two", "one two three"],
  [{ type: "min-chars", value: 2 }, "😀😀", "😀"],
  [{ type: "max-chars", value: 2 }, "😀😀", "abc"],
  [{ type: "json-valid" }, '{"a": 1}', "{a"],
  [{ type: "similarity", value: "kitten", threshold: 0.5 }, "sitting", "dog"],
  [
    { type: "preset", value: { language: "German" } },
    "Das ist ein ganz einfacher Satz über das Wetter in Berlin.",
    "This is a plain sentence about the weather in London.",
  ],
  [
    { type: "contains", path: "items.1.name", value: "b" },
    { items: [{ name: "a" }, { name: "b" }] },
    { items: [{ name: "b" }] },
  ],
];

for (const [assertion, met, missed] of cases)
  test(`${assertion.type} ${assertion.path ?? ""} tells what meets it from what misses it: ${JSON.stringify(met)}`, () => {
    const check = (value: Json) =>
      checkAssertion(assertion, { value, text: typeof value === "string" ? value : JSON.stringify(value) });
    assert.equal(check(met).passed, true, check(met).result);
    assert.equal(check(missed).passed, false, check(missed).result);
  });

test("JSON is checked against the output schema", () => {
  const outputSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
  const check = (value: Json) =>
    checkAssertion({ type: "json-valid" }, { value, text: JSON.stringify(value), outputSchema });
  assert.equal(check({ n: 1 }).passed, true);
  assert.deepEqual(check({ n: "1" }), { name: "json-valid", passed: false, result: "/n must be number" });
});

test("an expression that backtracks without end is given up", () => {
  const text = `${"a".repeat(40)}!`;
  const { passed, result } = checkAssertion({ type: "regex", value: "^(a+)+$" }, { value: text, text });
  assert.equal(passed, false);
  assert.match(result, /could not be checked/);
});

test("the distance is that of the textbook", () => {
  assert.equal(editDistance("kitten", "sitting"), 3 / 7);
  assert.equal(editDistance("", ""), 0);
  assert.equal(editDistance("", "ab"), 1);
});
