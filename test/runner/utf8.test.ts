// Where bytes stop being UTF-8, checked against node's own strict decoder.

import assert from "node:assert/strict";
import { test } from "node:test";

import { TillerError } from "../../src/base/error.js";
import { decodeText } from "../../src/runner/textFile.js";
import { invalidUtf8At } from "../../src/runner/utf8.js";

test("text of every length of sequence is fine", () => checkOffset(utf8("aä€😀\u{10ffff}"), undefined));
test("nothing at all is fine", () => checkOffset([], undefined));
test("a Latin-1 letter is found where it stands", () => checkOffset([0x61, 0xe9, 0x20], 1));
test("a continuation byte alone is wrong", () => checkOffset([0x61, 0x62, 0x80], 2));
test("a sequence that is cut off is wrong from its beginning", () => checkOffset([0x61, 0xe2, 0x82], 1));
test("a longer form than needed is wrong", () => checkOffset([0xc0, 0xaf], 0));
test("a surrogate is wrong", () => checkOffset([0xed, 0xa0, 0x80], 0));
test("what lies beyond the last code point is wrong", () => checkOffset([0x61, 0xf4, 0x90, 0x80, 0x80], 1));

test("all one- and two-byte beginnings agree with the strict decoder, also with bytes after them", () => {
  for (const tail of [[], [0x80], [0x80, 0x80], [0xbf, 0xbf, 0x41]]) {
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        const bytes = Uint8Array.of(first, second, ...tail);
        assert.equal(invalidUtf8At(bytes) === undefined, isValid(bytes), `${bytes.join(" ")}`);
      }
    }
  }
});

test("a byte order mark is dropped", () => {
  assert.equal(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), "a.prompt"), "a");
});

test("the message names the file, the place and the way out", () => {
  checkMessage([0x61, 0xe9], "a.prompt is not UTF-8 text: byte 1 (0xe9) does not belong there. Save it as UTF-8.");
});

test("UTF-16 is recognized by its byte order mark", () => {
  const message =
    "a.prompt is not UTF-8 text: byte 0 (0xff) does not belong there. It looks like UTF-16; save it as UTF-8.";
  checkMessage([0xff, 0xfe, 0x61, 0x00], message);
});

function checkOffset(bytes: ArrayLike<number>, expected: number | undefined): void {
  assert.equal(invalidUtf8At(Uint8Array.from(bytes)), expected);
  assert.equal(isValid(Uint8Array.from(bytes)), expected === undefined);
}

function checkMessage(bytes: readonly number[], message: string): void {
  assert.throws(() => decodeText(Uint8Array.from(bytes), "a.prompt"), new TillerError("file-unreadable", message));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function isValid(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
