// What is asked before a run, and how answers are read.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Json, JsonObject } from "../../src/base/json.js";
import { optionText, readAnswer, type Question } from "../../src/extension/inputQuestions.js";
import { openQuestions } from "../../src/extension/openQuestions.js";

test("required variables without a default are asked for, in order", () => {
  checkQuestions("b: string\n    a?: string\n    c: integer, how many", "", "b: text", "c (how many): integer");
});

test("a variable with a default is not asked for", () => {
  checkQuestions("a: string\n    b: string", "a: x", "b: text");
});

test("choices, lists and objects are asked for as such", () => {
  checkQuestions(
    "tone(enum): [dry, warm]\n    tags(array): string\n    who(object):\n      name: string\n    loud: boolean",
    "",
    'tone: "dry" or "warm"',
    "tags: JSON array",
    "who: JSON object",
    "loud: true or false",
  );
});

test("a prompt without a schema asks nothing", () => {
  assert.deepEqual(openQuestions("Hello {{name}}"), []);
  assert.deepEqual(openQuestions("---\ninput:\n  default:\n    a: 1\n---\nHello"), []);
});

test("a prompt that is only half written asks what it can", () => {
  assert.deepEqual(openQuestions("---\ninput:\n  schema:\n    a: [\n---\nHello {{"), []);
});

test("text is taken as it is typed", () => {
  checkAnswer({ type: "string" }, " 3 ", " 3 ");
  checkAnswer({}, "", "");
});

test("numbers are read as numbers", () => {
  checkAnswer({ type: "number" }, "0.5", 0.5);
  checkAnswer({ type: "integer" }, " -3", -3);
  checkRefused({ type: "number" }, "", /number/);
  checkRefused({ type: "number" }, "many", /number/);
  checkRefused({ type: "integer" }, "1.5", /whole/);
});

test("a number that may be null is asked for as a number", () => {
  checkAnswer({ type: ["number", "null"] }, "3", 3);
});

test("choices keep their type", () => {
  checkAnswer({ enum: ["a", 3, null] }, "3", 3);
  checkAnswer({ enum: ["a", 3, null] }, "null", null);
  checkAnswer({ type: "boolean" }, "false", false);
  checkRefused({ enum: ["a"] }, "b", /one of/);
});

test("arrays and objects are typed as JSON", () => {
  checkAnswer({ type: "array" }, "[1]", [1]);
  checkAnswer({ type: "object" }, '{"a": 1}', { a: 1 });
  checkRefused({ type: "array" }, '{"a": 1}', /JSON array/);
  checkRefused({ type: "object" }, "a", /JSON/);
});

test("a value is offered again in the form in which it is typed", () => {
  assert.equal(optionText("a"), "a");
  assert.equal(optionText([1]), "[1]");
});

/** `schema` and `defaults` are lines of YAML, four spaces deep. */
function checkQuestions(schema: string, defaults: string, ...expected: string[]): void {
  const text = `---\ninput:\n  schema:\n    ${schema}\n  default:\n    ${defaults}\n---\nHello\n`;
  assert.deepEqual(openQuestions(text).map(inWords), expected);
}

function inWords({ name, description, answer }: Question): string {
  const what = {
    text: () => "text",
    number: () => "number",
    integer: () => "integer",
    choice: () => (answer.kind === "choice" ? answer.options.map((it) => JSON.stringify(it)).join(" or ") : ""),
    json: () => (answer.kind === "json" ? `JSON ${answer.type}` : ""),
  }[answer.kind]();
  return `${name}${description === undefined ? "" : ` (${description})`}: ${what}`;
}

function checkAnswer(property: JsonObject, text: string, expected: Json): void {
  assert.deepEqual(answer(property, text), { value: expected });
}

function checkRefused(property: JsonObject, text: string, error: RegExp): void {
  const given = answer(property, text);
  assert.ok("error" in given, JSON.stringify(given));
  assert.match(given.error, error);
}

function answer(property: JsonObject, text: string) {
  const schema = JSON.stringify({ type: "object", properties: { x: property }, required: ["x"] });
  const [question] = openQuestions(`---\n{"input": {"schema": ${schema}}}\n---\nHello\n`);
  return readAnswer(question!, text);
}
