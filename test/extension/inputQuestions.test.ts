// What is asked before a run, and how answers are read.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Json, JsonObject } from "../../src/base/json.js";
import { openQuestions, optionText, readAnswer } from "../../src/extension/inputQuestions.js";

test("required variables without a value are asked for, in order", () => {
  checkQuestions({ b: { type: "string" }, a: { type: "string" }, c: { type: "string" } }, ["b", "a"], ["b", "a"]);
});

test("a value that is given, or a default, is not asked for", () => {
  checkQuestions({ a: { type: "string" }, b: { type: "string", default: "x" } }, ["a", "b"], [], { a: "" });
});

test("a prompt without a schema asks nothing", () => {
  assert.deepEqual(openQuestions(undefined, {}), []);
  assert.deepEqual(openQuestions({ type: "object" }, {}), []);
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

function checkQuestions(properties: JsonObject, required: string[], expected: string[], given: JsonObject = {}): void {
  const questions = openQuestions({ type: "object", properties, required }, given);
  assert.deepEqual(
    questions.map((it) => it.name),
    expected,
  );
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
  const [question] = openQuestions({ properties: { x: property }, required: ["x"] }, {});
  return readAnswer(question!, text);
}
