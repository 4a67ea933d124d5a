// Into how many tiles pictures are cut: sizes of real models, worked out by transformers' own rules for them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { tileGrid } from "../../../src/engine/vision/tiles.js";

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
