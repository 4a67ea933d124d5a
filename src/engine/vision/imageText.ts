/** How a picture is written in a prompt of a model of the Idefics3 kind, by marks around the tokens of its tiles (arXiv 2408.12637). */

import type { TileGrid } from "./tiles.js";

/** Stands for one vector of a picture. */
export const IMAGE_TOKEN = "<image>";
/** Begins every tile, and ends the last one. */
export const AROUND_TOKEN = "<fake_token_around_image>";
const WHOLE = "<global-img>";

/** The tiles row by row with the mark of their place, and the whole picture last. */
export function imageText({ rows, columns }: TileGrid, tileTokens: number): string {
  const tokens = IMAGE_TOKEN.repeat(tileTokens);
  const tile = (row: number, column: number) => `${AROUND_TOKEN}<row_${row}_col_${column}>${tokens}`;
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
  const lines = numbers(rows).map(
    (row) =>
      `${numbers(columns)
        .map((column) => tile(row, column))
        .join("")}\n`,
  );
  return `${lines.join("")}${rows === 0 ? "" : "\n"}${AROUND_TOKEN}${WHOLE}${tokens}${AROUND_TOKEN}`;
}
