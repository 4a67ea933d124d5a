// Bytes to text as they come: what is shown never changes, and is what decoding everything at once gives.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { createTextStream } from "../../src/engine/tokenizer/textStream.js";

const steps: readonly [title: string, bytes: readonly number[], shown: readonly string[]][] = [
  ["letters are shown at once", [0x61, 0x62], ["a", "b"]],
  ["a character of four bytes waits for all of them", [0xf0, 0x9f, 0x99, 0x82], ["", "", "", "🙂"]],
  ["a byte that begins nothing is shown as it comes", [0x80, 0xff, 0xc0], ["\ufffd", "\ufffd", "\ufffd"]],
  ["a character that breaks off is shown when that is certain", [0xe2, 0x82, 0x41], ["", "", "\ufffdA"]],
  ["half a surrogate is no character", [0xed, 0xa0, 0x80], ["", "\ufffd\ufffd", "\ufffd"]],
  ["beyond the last character there is none", [0xf4, 0x90], ["", "\ufffd\ufffd"]],
  ["a byte order mark is a character", [0xef, 0xbb, 0xbf, 0x61], ["", "", "\ufeff", "a"]],
];
for (const [title, bytes, shown] of steps) {
  test(title, () => {
    const stream = createTextStream();
    assert.deepEqual(
      bytes.map((it) => stream.push(Uint8Array.of(it))),
      shown,
    );
  });
}

test("the rest is shown as one U+FFFD at the end, once", () => {
  const stream = createTextStream();
  assert.equal(stream.push(Uint8Array.of(0x61, 0xf0, 0x9f)), "a");
  assert.equal(stream.heldBack, 2);
  assert.equal(stream.end(), "\ufffd");
  assert.equal(stream.heldBack, 0);
  assert.equal(stream.end(), "");
});

test("in whatever parts bytes come, their text is the same", () => {
  const likely = fc.constantFrom(0x61, 0x80, 0x90, 0xa0, 0xbf, 0xc2, 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xf5);
  const byte = fc.oneof(likely, fc.integer({ min: 0, max: 255 }));
  const parts = fc.array(fc.array(byte, { maxLength: 5 }), { maxLength: 6 });
  fc.assert(
    fc.property(parts, (all) => checkStream(all.map((it) => Uint8Array.from(it)))),
    { numRuns: 2000 },
  );
});

/** Node's own decoder, fed with the same parts, is the second opinion on what is certain when. */
function checkStream(parts: readonly Uint8Array[]): void {
  const stream = createTextStream();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (const part of parts) {
    assert.equal(stream.push(part), decoder.decode(part, { stream: true }));
    assert.ok(stream.heldBack <= 3);
  }
  assert.equal(stream.end(), decoder.decode());
}
