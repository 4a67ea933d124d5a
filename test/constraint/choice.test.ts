// A choice lets exactly its options be written, token by token, whatever the tokens are.

import assert from "node:assert/strict";
import { test } from "node:test";

import { compileConstraint } from "../../src/constraint/constraint.js";
import { createVocabulary } from "../../src/constraint/vocabulary.js";

const END = 0;

test("every way to spell an option in tokens is allowed, and nothing else", () => {
  checkTexts(
    ["yes", "yellow", "no"],
    ["<end>", "y", "e", "s", "ye", "yes", "l", "low", "n", "o", "no", "w", "x", "yesx"],
  );
});

test("an option that begins another can end or go on", () => {
  checkTexts(["a", "ab"], ["<end>", "a", "b", "ab"]);
});

test("options in other alphabets are spelled in bytes", () => {
  checkTexts(["größe", "grün"], ["<end>", "gr", "ö", "ß", "e", "ü", "n", "größ", "\u00c3"]);
});

test("tokens with the same spelling are both allowed", () => {
  const vocabulary = vocabularyOf(["<end>", "a", "a"]);
  assert.deepEqual(
    allowed(
      compileConstraint({ kind: "choice", options: ["a"] }, vocabulary)
        .begin()
        .mask(),
      3,
    ),
    [1, 2],
  );
});

test("no option, or an empty one, is refused", () => {
  const vocabulary = vocabularyOf(["<end>", "a"]);
  assert.throws(() => compileConstraint({ kind: "choice", options: [] }, vocabulary), { code: "constraint-invalid" });
  assert.throws(() => compileConstraint({ kind: "choice", options: ["a", ""] }, vocabulary), {
    code: "constraint-invalid",
  });
});

function vocabularyOf(tokens: readonly string[]) {
  const bytes = tokens.map((it) => new TextEncoder().encode(it));
  return createVocabulary({
    size: tokens.length,
    bytes: (id) => (id === END ? new Uint8Array(0) : bytes[id]!),
    ends: [END],
  });
}

/** Follows the masks in every possible way and collects the texts that they let end. */
function checkTexts(options: readonly string[], tokens: readonly string[]): void {
  const vocabulary = vocabularyOf(tokens);
  const constraint = compileConstraint({ kind: "choice", options }, vocabulary);
  const ended = new Set<string>();
  const spellings = (written: readonly number[]): void => {
    const state = constraint.begin();
    for (const id of written) state.advance(new TextEncoder().encode(tokens[id]!));
    const next = allowed(state.mask(), tokens.length);
    assert.ok(0 < next.length, `after ${written.map((it) => tokens[it]).join("|")} nothing may come`);
    assert.equal(
      state.isFinished(),
      next.every((it) => it === END),
    );
    for (const id of next) {
      if (id === END) ended.add(written.map((it) => tokens[it]!).join(""));
      else spellings([...written, id]);
    }
  };
  spellings([]);
  assert.deepEqual([...ended].sort(), [...options].sort());
}

function allowed(mask: Uint32Array, size: number): number[] {
  return Array.from({ length: size }, (_, id) => id).filter((id) => (mask[id >> 5]! >>> (id & 31)) & 1);
}
