/** Plots as inline SVG: figures beside every mark, and all of them in the label for those who cannot see it. */

import type { RatedVariant } from "../../protocol/compare.js";
import { escaped } from "./escaped.js";

export interface Bar {
  readonly label: string;
  readonly value: number;
}

const WIDTH = 640;
const LABEL = 180;
const FIGURE = 80;
const ROW = 24;

/** Empty without bars. */
export function barPlot(title: string, bars: readonly Bar[], digits: number): string {
  if (bars.length === 0) return "";
  const most = Math.max(...bars.map((it) => it.value), Number.MIN_VALUE);
  const rows = bars.map(({ label, value }, i) => {
    const width = Math.max(1, (Math.max(0, value) / most) * (WIDTH - LABEL - FIGURE));
    return `${name(label, i)}<rect x="${LABEL}" y="${i * ROW + 4}" width="${width.toFixed(1)}" height="${ROW - 8}" fill="currentColor" opacity="0.45"/>${figure(value.toFixed(digits), i)}`;
  });
  const words = bars.map(({ label, value }) => `${label} ${value.toFixed(digits)}`);
  return plot(title, words, rows);
}

/** Each rating as a point on its interval. */
export function intervalPlot(title: string, variants: readonly RatedVariant[]): string {
  if (variants.length === 0) return "";
  const least = Math.min(...variants.map((it) => it.interval[0]));
  const most = Math.max(...variants.map((it) => it.interval[1]));
  const place = (rating: number) =>
    (LABEL + ((rating - least) / Math.max(1, most - least)) * (WIDTH - LABEL - FIGURE)).toFixed(1);
  const rows = variants.map(({ label, rating, interval: [low, high] }, i) => {
    const y = i * ROW + ROW / 2;
    return `${name(label, i)}<line x1="${place(low)}" x2="${place(high)}" y1="${y}" y2="${y}" stroke="currentColor" stroke-width="2" opacity="0.45"/><circle cx="${place(rating)}" cy="${y}" r="4" fill="currentColor"/>${figure(rating.toFixed(0), i)}`;
  });
  const words = variants.map(
    ({ label, rating, interval }) =>
      `${label} ${rating.toFixed(0)}, ${interval.map((it) => it.toFixed(0)).join(" to ")}`,
  );
  return plot(title, words, rows);
}

function plot(title: string, words: readonly string[], rows: readonly string[]): string {
  const height = rows.length * ROW;
  const label = escaped(`${title}: ${words.join("; ")}`);
  return `<figure><figcaption>${escaped(title)}</figcaption><svg role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">${rows.join("")}</svg></figure>`;
}

function name(label: string, row: number): string {
  const short = label.length <= 24 ? label : `${label.slice(0, 23)}…`;
  return `<text x="0" y="${row * ROW + 16}">${escaped(short)}</text>`;
}

function figure(text: string, row: number): string {
  return `<text x="${WIDTH}" y="${row * ROW + 16}" text-anchor="end">${escaped(text)}</text>`;
}
