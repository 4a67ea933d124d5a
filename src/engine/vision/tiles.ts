/**
 * A picture -> the tiles that a model of the Idefics3 kind sees, as that model's own image processor makes them: the longer side
 * is resized to one length, both sides to whole tiles, and the pieces are followed by the whole picture in one tile.
 */

import { resize } from "./lanczos.js";
import type { Picture } from "./picture.js";
import type { VisionShape } from "./visionShape.js";

type Tiling = Pick<VisionShape, "tileSize" | "longestSide">;

/** How a picture is cut up. Without rows and columns it is one tile, the whole picture. */
export interface TileGrid {
  readonly rows: number;
  readonly columns: number;
  /** The pieces, and the whole behind them. */
  readonly tiles: number;
  /** What it is resized to: first the longer side, then both. */
  readonly sizes: readonly Size[];
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export function tileGrid(picture: Size, { tileSize, longestSide }: Tiling): TileGrid {
  const scaled = withLongestSide(picture, longestSide);
  const whole = inWholeTiles(scaled, tileSize);
  const [rows, columns] = [whole.height / tileSize, whole.width / tileSize];
  const sizes = [scaled, whole];
  return rows === 1 && columns === 1
    ? { rows: 0, columns: 0, tiles: 1, sizes }
    : { rows, columns, tiles: rows * columns + 1, sizes };
}

/** The shorter side is even. */
function withLongestSide({ width, height }: Size, longest: number): Size {
  const ratio = width / height;
  const shorter = (length: number) => Math.max(1, length + (length % 2));
  return height <= width
    ? { width: longest, height: shorter(Math.trunc(longest / ratio)) }
    : { width: shorter(Math.trunc(longest * ratio)), height: longest };
}

function inWholeTiles({ width, height }: Size, tile: number): Size {
  const ratio = width / height;
  const whole = (length: number) => Math.max(1, Math.ceil(length / tile)) * tile;
  if (height <= width) return { width: whole(width), height: whole(Math.trunc(whole(width) / ratio)) };
  return { width: whole(Math.trunc(whole(height) * ratio)), height: whole(height) };
}

/** The tiles, row by row and the whole picture last, each made when it is asked for: [3, tileSize, tileSize] of normal pixels. */
export function* cutTiles(
  picture: Picture,
  { rows, columns, sizes }: TileGrid,
  shape: Pick<VisionShape, "tileSize" | "mean" | "deviation">,
): Generator<Float32Array> {
  const { tileSize } = shape;
  const normal = normalValues(shape);
  let whole = picture;
  for (const { width, height } of sizes) whole = resize(whole, width, height);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      yield tileAt(whole, column * tileSize, row * tileSize, tileSize, normal);
  yield tileAt(resize(whole, tileSize, tileSize), 0, 0, tileSize, normal);
}

/** What each of the 256 values of a channel becomes. In steps of float32, as the reference computes. */
function normalValues({ mean, deviation }: Pick<VisionShape, "mean" | "deviation">): readonly Float32Array[] {
  const { fround } = Math;
  return mean.map((it, channel) =>
    Float32Array.from(
      { length: 256 },
      (_, value) => fround(fround(value / 255) - fround(it)) / fround(deviation[channel]!),
    ),
  );
}

function tileAt(
  { width, rgb }: Picture,
  left: number,
  top: number,
  size: number,
  normal: readonly Float32Array[],
): Float32Array {
  const out = new Float32Array(3 * size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = ((top + y) * width + left + x) * 3;
      for (let channel = 0; channel < 3; channel++)
        out[(channel * size + y) * size + x] = normal[channel]![rgb[from + channel]!]!;
    }
  }
  return out;
}
