// Into how many tiles pictures are cut (sizes of real models, worked out by transformers' own rules for them), and every pixel of
// the tiles against the same steps done by Pillow (fixtures/make.py).

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { decodePicture } from "../../../src/engine/vision/decodePicture.js";
import { cutTiles, tileGrid } from "../../../src/engine/vision/tiles.js";
import { projectRoot } from "../golden/goldenFiles.js";

interface Case {
  readonly picture: string;
  readonly tile: number;
  readonly longest: number;
  readonly rows: number;
  readonly columns: number;
  /** SHA-256 of [tiles, tile, tile, 3] bytes. */
  readonly hash: string;
}

const folder = join(projectRoot, "test/engine/vision/fixtures");
const small = { tileSize: 512, longestSide: 2048 }; // SmolVLM 256M and 500M
const large = { tileSize: 384, longestSide: 1536 }; // SmolVLM 2.2B
const idefics3 = { tileSize: 364, longestSide: 1456 };

const cases: readonly (readonly [width: number, height: number, shape: typeof small, rows: number, columns: number])[] =
  [
    [1920, 1080, small, 3, 4],
    [1080, 1920, small, 4, 3],
    [640, 480, small, 3, 4],
    [512, 512, small, 4, 4],
    [10, 10, small, 4, 4],
    [3000, 100, small, 1, 4],
    [100, 3000, small, 4, 1],
    [10000, 1, small, 1, 4],
    [1, 10000, small, 4, 1],
    [1024, 768, large, 3, 4],
    [800, 600, idefics3, 3, 4],
  ];

for (const [width, height, shape, rows, columns] of cases) {
  test(`${width} x ${height} is ${rows} rows of ${columns} tiles of ${shape.tileSize}, and the whole`, () => {
    const grid = tileGrid({ width, height }, shape);
    assert.deepEqual([grid.rows, grid.columns, grid.tiles], [rows, columns, rows * columns + 1]);
    const { width: wide, height: high } = grid.sizes.at(-1)!;
    assert.deepEqual([wide, high], [columns * shape.tileSize, rows * shape.tileSize]);
  });
}

test("where the longest side is a tile's, the picture is one tile", () => {
  const { rows, columns, tiles } = tileGrid({ width: 30, height: 20 }, { tileSize: 64, longestSide: 64 });
  assert.deepEqual([rows, columns, tiles], [0, 0, 1]);
});

test("the longer side is resized first, the shorter one to an even length", () => {
  const [first] = tileGrid({ width: 1000, height: 333 }, small).sizes;
  assert.deepEqual(first, { width: 2048, height: 682 });
  const [tall] = tileGrid({ width: 333, height: 1001 }, small).sizes;
  assert.deepEqual(tall, { width: 682, height: 2048 });
});

for (const { picture, tile, longest, rows, columns, hash } of JSON.parse(
  readFileSync(join(folder, "tiles.json"), "utf8"),
) as readonly Case[]) {
  test(`${picture} in tiles of ${tile}, ${longest} long, has Pillow's pixels`, async () => {
    const pixels = await decodePicture(readFileSync(join(folder, picture)), picture);
    const shape = { tileSize: tile, longestSide: longest, mean: [0, 0, 0], deviation: [1, 1, 1] };
    const grid = tileGrid(pixels, shape);
    assert.deepEqual([grid.rows, grid.columns], [rows, columns]);
    const found = createHash("sha256");
    for (const it of cutTiles(pixels, grid, shape)) found.update(bytesOf(it));
    assert.equal(found.digest("hex"), hash);
  });
}

/** [3, tile, tile] from 0 to 1 as [tile, tile, 3] bytes. */
function bytesOf(tile: Float32Array): Uint8Array {
  const size = tile.length / 3;
  return Uint8Array.from({ length: tile.length }, (_, i) =>
    Math.round(tile[(i % 3) * size + Math.floor(i / 3)]! * 255),
  );
}
