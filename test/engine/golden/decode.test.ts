// Text of the embedded model's tokens as they come, against the reference (test/golden/README.md, decode.json).

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import { createTextStream } from "../../../src/engine/tokenizer/textStream.js";
import type { Tokenizer } from "../../../src/engine/tokenizer/tokenizer.js";
import { readGolden } from "./goldenFiles.js";
import { embeddedTokenizer } from "./goldenTokenizer.js";

interface DecodeCase {
  readonly ids: readonly number[];
  readonly pieces: readonly string[];
  readonly heldBack: number;
}

describe("the embedded model's tokens as they come", () => {
  let tokenizer: Tokenizer;
  before(async () => {
    ({ tokenizer } = await embeddedTokenizer());
  });

  readGolden<readonly DecodeCase[]>("decode.json").forEach((it_, i) => {
    it(`shows text ${i} without half a character`, () => checkStream(tokenizer, it_));
  });
});

function checkStream(tokenizer: Tokenizer, { ids, pieces, heldBack }: DecodeCase): void {
  const stream = createTextStream();
  assert.deepEqual(
    ids.map((id) => stream.push(tokenizer.bytes(id))),
    pieces,
  );
  assert.equal(stream.heldBack, heldBack);
  assert.equal(pieces.join("") + stream.end(), tokenizer.decode(ids));
}
