// Inputs against the schema of a prompt: the problems are sentences for the person who typed the input.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Json } from "../../src/base/json.js";
import { checkInput } from "../../src/runner/checkInput.js";

const schema = {
  type: "object",
  properties: {
    name: { type: "string", description: "who is greeted" },
    age: { type: ["integer", "null"] },
    mood: { type: "string", enum: ["glad", "sad"] },
    tags: { type: "array", items: { type: "string" }, maxItems: 2 },
    place: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    score: { type: "number", minimum: 0, maximum: 1 },
  },
  required: ["name"],
  additionalProperties: false,
};

test("what fits has no problems", () => {
  checkProblems({ name: "Ada", age: 36, mood: "glad", tags: ["a"], place: { city: "Rome" }, score: 1 }, []);
});
test("an optional value may be null", () => checkProblems({ name: "Ada", age: null }, []));
test("a missing value is named with its type and description", () => {
  checkProblems({}, ['"name" is missing (a string: who is greeted)']);
});
test("a wrong type is told with what was found", () => {
  checkProblems({ name: 7 }, ['"name" must be a string, and is 7']);
});
test("a fraction is no integer", () => {
  checkProblems({ name: "", age: 1.5 }, ['"age" must be an integer or null, and is 1.5']);
});
test("a value outside the enum lists what there is", () => {
  checkProblems({ name: "", mood: "cross" }, ['"mood" must be one of "glad", "sad", and is "cross"']);
});
test("items are named by their place", () => {
  checkProblems({ name: "", tags: ["a", 2] }, ['"tags[1]" must be a string, and is 2']);
});
test("too many items are too many", () => {
  const problem = '"tags" must have a number of items of 2 or less, and is ["a","b","c"]';
  checkProblems({ name: "", tags: ["a", "b", "c"] }, [problem]);
});
test("nested values are named by their path", () => {
  checkProblems({ name: "", place: {} }, ['"place.city" is missing (a string)']);
});
test("numbers keep their bounds", () => {
  checkProblems({ name: "", score: 2 }, ['"score" must be 1 or less, and is 2']);
});
test("a variable that the prompt does not know is told with those that it knows", () => {
  checkProblems({ nmae: "Ada" }, [
    '"name" is missing (a string: who is greeted)',
    '"nmae" is not known; known are name, age, mood, tags, place, score',
  ]);
});
test("names from the prototype are not known either", () => {
  const { length } = checkInput(schema, { name: "", constructor: 1 } as unknown as Json);
  assert.equal(length, 1);
});
test("without a schema anything goes", () => assert.deepEqual(checkInput(undefined, { a: 1 }), []));
test("keys of an enum's objects may stand in any order", () => {
  const options = { enum: [{ a: 1, b: [2] }] };
  assert.deepEqual(checkInput(options, { b: [2], a: 1 }), []);
  assert.equal(checkInput(options, { b: [3], a: 1 }).length, 1);
});

function checkProblems(input: Json, problems: readonly string[]): void {
  assert.deepEqual(checkInput(schema, input), problems);
}
