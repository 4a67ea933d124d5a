// A given beginning is written in whatever tokens spell it; after it everything may come, the end too.

import assert from "node:assert/strict";
import { test } from "node:test";

import { compileConstraint } from "../../src/constraint/constraint.js";
import { createVocabulary } from "../../src/constraint/vocabulary.js";

const tokens = ["<end>", " ", " a", "a", "  ", "b", "\u00e9"];

test("only tokens that begin with the text, or are its beginning, may come first", () => {
  checkAllowed(" ", [], [" ", " a", "  "]);
});

test("after the text everything may come, the end too", () => {
  checkAllowed(" ", [" a"], tokens);
  checkAllowed(" ", [" "], tokens);
});

test("a text may be spelled in several tokens, and then may not end between them", () => {
  checkAllowed(" ab", [], [" ", " a"]);
  checkAllowed(" ab", [" "], ["a"]);
  checkAllowed(" ab", [" a"], ["b"]);
});

test("an empty beginning allows everything", () => {
  checkAllowed("", [], tokens);
});

test("what begins with a text is never finished by itself", () => {
  const state = constraintOf("a").begin();
  state.advance(new TextEncoder().encode("a"));
  assert.equal(state.isFinished(), false);
});

function checkAllowed(text: string, written: readonly string[], allowed: readonly string[]): void {
  const state = constraintOf(text).begin();
  for (const it of written) state.advance(new TextEncoder().encode(it));
  const mask = state.mask();
  assert.deepEqual(
    tokens.filter((_, id) => (mask[id >> 5]! >>> (id & 31)) & 1),
    allowed,
  );
}

function constraintOf(text: string) {
  const bytes = (id: number) => (id === 0 ? new Uint8Array(0) : new TextEncoder().encode(tokens[id]!));
  return compileConstraint({ kind: "startsWith", text }, createVocabulary({ size: tokens.length, bytes, ends: [0] }));
}
