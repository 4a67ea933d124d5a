// Where the tests of a prompt stand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { parse } from "../../src/lang/parser.js";
import { testPlaces } from "../../src/lang/tests/testPlaces.js";

function placesOf(tests: string): readonly (readonly [string, string])[] {
  const { file } = parse(`---\ntiller.tests:${tests}\n---\nHi`);
  return testPlaces(file).map(({ name, span }) => [name, file.text.slice(span.start, span.end)]);
}

test("tests with an input have their own place, whatever else holds for all of them", () => {
  assert.deepEqual(
    placesOf("\n  - { name: all, assert: [] }\n  - { name: a, input: {} }\n  -\n    input: { x: 1 }\n    repeat: 2"),
    [
      ["a", "{ name: a, input: {} }"],
      ["test 3", "input: { x: 1 }\n    repeat: 2"],
    ],
  );
});

test("where no test has an input, all of them can be run", () => {
  assert.deepEqual(placesOf("\n  - { name: all, assert: [] }"), [["all", "{ name: all, assert: [] }"]]);
});

test("what is no test has no place", () => {
  for (const it of [" 3", "\n  - 3\n  - { name: [] }", " []"]) assert.deepEqual(placesOf(it), []);
  assert.deepEqual(testPlaces(parse("Hi").file), []);
});
