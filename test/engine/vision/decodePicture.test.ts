// Pictures of all forms against the pixels that Pillow reads (fixtures/make.py), and files that are refused.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { TillerError } from "../../../src/base/error.js";
import { decodePicture, checkedHead } from "../../../src/engine/vision/decodePicture.js";
import { projectRoot } from "../golden/goldenFiles.js";

const folder = join(projectRoot, "test/engine/vision/fixtures");
const read = (name: string) => readFileSync(join(folder, name));
const names = readdirSync(folder).filter((it) => readdirSync(folder).includes(`${it}.rgb`));

test("there are pictures of every format", () => {
  assert.ok(28 <= names.length, `only ${names.length}`);
});

for (const name of names) {
  test(`${name} has the pixels that Pillow reads`, async () => {
    const expected = read(`${name}.rgb`);
    const { width, height, rgb } = await decodePicture(read(name), name);
    assert.equal(width * height * 3, expected.length);
    assert.deepEqual(Buffer.from(rgb), expected);
    const head = checkedHead(read(name), name);
    assert.deepEqual([head.width, head.height], [width, height]);
  });
}

test("a picture that is turned has the size that is seen", async () => {
  const { width, height } = await decodePicture(read("turned-6.jpg"), "turned-6.jpg");
  assert.deepEqual([width, height], [11, 19]);
});

const refused: readonly (readonly [name: string, bytes: () => Uint8Array, message: RegExp])[] = [
  ["a GIF", () => read("other.gif"), /^x is a GIF file\. Pictures can be PNG, JPEG and WebP: convert it/],
  ["a BMP", () => read("other.bmp"), /^x is a BMP file/],
  ["an AVIF", () => Buffer.from("\0\0\0\x20ftypavif\0\0\0\0", "latin1"), /^x is an AVIF file/],
  ["a photo of an iPhone", () => Buffer.from("\0\0\0\x20ftypheic\0\0\0\0", "latin1"), /^x is an HEIC file/],
  ["a drawing", () => Buffer.from('<svg width="1"></svg>'), /^x is an SVG file/],
  ["a text", () => Buffer.from("no picture at all"), /^x is not a picture\./],
  ["an empty file", () => new Uint8Array(0), /^x is not a picture\./],
  ["an animation", () => read("moving.webp"), /x cannot be read: it is animated/],
  ["half a PNG", () => half("rgb.png"), /x cannot be read/],
  ["half a JPEG's head", () => read("photo.jpg").subarray(0, 30), /x cannot be read: it is cut off/],
  ["half a WebP", () => half("photo.webp"), /x cannot be read/],
  ["the beginning of a PNG", () => read("rgb.png").subarray(0, 12), /x cannot be read: it is cut off/],
  ["a PNG that unpacks to gigabytes", bomb, /x cannot be read: it holds far more data than it has pixels/],
  ["a PNG with a wrong checksum", () => changed("rgb.png", 60), /x cannot be read/],
  ["a PNG without pixels", () => changed("rgb.png", 19, 0), /x cannot be read: it has no pixels/],
  ["inks", () => read("cmyk.jpg"), /x cannot be read: it is made of inks \(CMYK\)/],
  [
    "too many pixels",
    () => changed("rgb.png", 17, 255),
    /x has 16711703 x 17 pixels, and at most 64 million are read\. .*make it smaller/,
  ],
];

for (const [what, bytes, message] of refused) {
  test(`${what} is refused with what to do`, async () => {
    await assert.rejects(decodePicture(bytes(), "x"), (error) => {
      assert.ok(error instanceof TillerError && error.code === "input-invalid");
      assert.match(error.message, message);
      return true;
    });
  });
}

test("after a damaged picture the next one is read as ever", async () => {
  await assert.rejects(decodePicture(changed("photo.jpg", 400), "x"));
  await assert.rejects(decodePicture(half("photo.webp"), "x"));
  for (const name of ["photo.jpg", "photo.webp"])
    assert.deepEqual(Buffer.from((await decodePicture(read(name), "x")).rgb), read(`${name}.rgb`));
});

test("no damage to a file does more than to have it refused", async () => {
  for (const name of [
    "rgb.png",
    "palette-4.png",
    "photo.jpg",
    "progressive.jpg",
    "photo.webp",
    "lossless.webp",
    "turned.webp",
  ]) {
    for (let at = 0; at < read(name).length; at += 7) {
      try {
        await decodePicture(changed(name, at, 0xa5), name);
      } catch (error) {
        assert.ok(error instanceof TillerError, `${name}, byte ${at}: ${String(error)}`);
      }
    }
  }
});

/** 200 MB of nothing in a picture of 23 x 17. */
function bomb(): Uint8Array {
  const png = read("rgb.png");
  const at = png.indexOf("IDAT") - 4;
  const data = deflateSync(Buffer.alloc(200 << 20));
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from("IDAT"), data, Buffer.alloc(4)]);
  chunk.writeUInt32BE(data.length, 0);
  return Buffer.concat([png.subarray(0, at), chunk, png.subarray(png.indexOf("IEND") - 4)]);
}

function half(name: string): Uint8Array {
  const bytes = read(name);
  return bytes.subarray(0, bytes.length >> 1);
}

function changed(name: string, at: number, value?: number): Uint8Array {
  const bytes = Uint8Array.from(read(name));
  bytes[at] = value ?? bytes[at]! ^ 0xff;
  return bytes;
}
