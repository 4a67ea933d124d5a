// Resizing against Pillow's, pixel by pixel (fixtures/make.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { resize } from "../../../src/engine/vision/lanczos.js";
import { projectRoot } from "../golden/goldenFiles.js";

type Size = readonly [width: number, height: number];
interface Case {
  readonly from: Size;
  readonly to: Size;
}

const folder = join(projectRoot, "test/engine/vision/fixtures");
const cases = JSON.parse(readFileSync(join(folder, "lanczos.json"), "utf8")) as readonly Case[];
const pixels = readFileSync(join(folder, "lanczos.bin"));
const bytesOf = ([width, height]: Size) => width * height * 3;

let at = 0;
for (const { from, to } of cases) {
  const before = pixels.subarray(at, (at += bytesOf(from)));
  const after = pixels.subarray(at, (at += bytesOf(to)));
  test(`${from.join(" x ")} becomes ${to.join(" x ")} as in Pillow`, () => {
    const { rgb, width, height } = resize({ width: from[0], height: from[1], rgb: before }, to[0], to[1]);
    assert.deepEqual([width, height], to);
    assert.deepEqual(Buffer.from(rgb), after);
  });
}

test("a picture that has its size already stays as it is", () => {
  const picture = { width: 2, height: 1, rgb: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  assert.equal(resize(picture, 2, 1), picture);
});
