// Tokens of the embedded model against llama.cpp's and the reference's (test/golden/README.md, tokenizer.json).

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import fc from "fast-check";

import type { Tokenizer } from "../../../src/engine/tokenizer/tokenizer.js";
import { readGolden } from "./goldenFiles.js";
import { embeddedTokenizer } from "./goldenTokenizer.js";

interface TokenizerCase {
  readonly text: string;
  readonly ids: readonly number[];
  readonly specialIds: "parsed" | "plain";
}

describe("the embedded model's tokenizer", () => {
  let tokenizer: Tokenizer;
  before(async () => {
    ({ tokenizer } = await embeddedTokenizer());
  });

  readGolden<readonly TokenizerCase[]>("tokenizer.json").forEach((it_, i) => {
    it(`encodes text ${i}, and decodes it again`, () => checkTokens(tokenizer, it_));
  });

  it("any text comes back from its tokens, but for characters whose bytes the vocabulary lacks", () => {
    const known = new Set(
      Array.from({ length: tokenizer.vocabularySize }, (_, id) => tokenizer.bytes(id))
        .filter((it) => it.length === 1)
        .map((it) => it[0]!),
    );
    const representable = (it: string) => [...new TextEncoder().encode(it)].every((byte) => known.has(byte));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const expected = Array.from(text.toWellFormed(), (it) => (representable(it) ? it : "\ufffd")).join("");
        assert.equal(tokenizer.decode(tokenizer.encode(text)), expected);
      }),
    );
  });

  it("how a text is cut into segments changes nothing when none is trusted", () => {
    const piece = fc.constantFrom("<|im_start|>", "<|im_", "end|>", "Hello", " wor", "ld", "12", "3", "\n", " ", "é");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const segments = pieces.map((text) => ({ text, trusted: false }));
        assert.deepEqual(tokenizer.encodeSegments(segments), tokenizer.encode(pieces.join("")));
        assert.ok(!tokenizer.encode(pieces.join("")).some((it) => tokenizer.isSpecial(it)));
      }),
    );
  });

  it("long texts of one letter take no more than their share", () => {
    // Quadratic work on so many letters is 10^10 steps, far more than three seconds; the real work is below a tenth of one.
    for (const letter of ["a", " ", "\n", "7", "!", "🙂", "\ud800", "\0", "<"]) {
      const start = process.cpuUsage();
      tokenizer.encodeSegments([{ text: letter.repeat(100_000), trusted: true }]);
      const { user, system } = process.cpuUsage(start);
      assert.ok(user + system < 3_000_000, `${JSON.stringify(letter)} took ${(user + system) / 1000} ms`);
    }
  });
});

function checkTokens(tokenizer: Tokenizer, { text, ids, specialIds }: TokenizerCase): void {
  assert.deepEqual(tokenizer.encodeSegments([{ text, trusted: specialIds === "parsed" }]), ids);
  assert.equal(tokenizer.decode(ids), text);
  if (specialIds === "plain") assert.deepEqual(tokenizer.encode(text), ids);
}
