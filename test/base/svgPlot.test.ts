// Plots as SVG: every point is where its numbers say, and nothing that is written can break out of its place.

import assert from "node:assert/strict";
import { test } from "node:test";

import { lineOrScatterSvg, type Plot } from "../../src/base/svgPlot.js";

test("points lie between the ticks of their values", () => {
  const svg = plot([
    { x: 0, y: 0 },
    { x: 5, y: 50 },
    { x: 10, y: 100 },
  ]);
  // The frame is 80 to 696 across and 380 to 48 upwards.
  assert.deepEqual(circles(svg), [
    [80, 380],
    [388, 214],
    [696, 48],
  ]);
  for (const it of ["0", "2", "4", "6", "8", "10", "20", "100"]) assert.match(svg, new RegExp(`>${it}</text>`));
});

test("a line joins its points in their order", () => {
  const svg = lineOrScatterSvg({
    ...empty,
    series: [
      {
        name: "a",
        points: [
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ],
      },
    ],
  });
  assert.match(svg, /<polyline points="80,380 696,48"/);
});

test("several series have a legend and colors of their own", () => {
  const one = { kind: "points", points: [{ x: 1, y: 2 }] } as const;
  const svg = lineOrScatterSvg({
    ...empty,
    series: [
      { name: "first", ...one },
      { name: "second", ...one },
    ],
  });
  assert.match(svg, />first<\/text>/);
  assert.match(svg, />second<\/text>/);
  assert.equal(new Set([...svg.matchAll(/<circle [^>]*fill="([^"]+)"/g)].map((it) => it[1])).size, 2);
});

test("what is written is escaped", () => {
  const svg = lineOrScatterSvg({ ...empty, title: `<script>"&`, series: [] });
  assert.ok(svg.includes("&lt;script&gt;&quot;&amp;"));
  assert.ok(!svg.includes("<script"));
});

test("numbers that are none are left out, and an empty plot is a plot", () => {
  assert.deepEqual(
    circles(
      plot([
        { x: NaN, y: 1 },
        { x: 1, y: Infinity },
      ]),
    ),
    [],
  );
  assert.doesNotMatch(plot([]), /NaN|Infinity/);
});

for (const value of [0, 7, -3, 1e-7, 1e9]) {
  test(`a single point at ${value} stands inside of the frame`, () => {
    const svg = plot([{ x: value, y: value }]);
    assert.doesNotMatch(svg, /NaN|Infinity/);
    const [[x, y]] = circles(svg) as [[number, number]];
    assert.ok(80 < x && x < 696 && 48 < y && y < 380, `${x}, ${y}`);
  });
}

test("small steps are written with enough digits to differ", () => {
  const svg = plot([
    { x: 0, y: 0.001 },
    { x: 1, y: 0.004 },
  ]);
  for (const it of ["0.0010", "0.0015", "0.0020"]) assert.ok(svg.includes(`>${it}</text>`), it);
});

const empty: Plot = { title: "", x: "", y: "", series: [] };

function plot(points: readonly { readonly x: number; readonly y: number }[]): string {
  return lineOrScatterSvg({ ...empty, series: [{ name: "a", kind: "points", points }] });
}

function circles(svg: string): number[][] {
  return [...svg.matchAll(/<circle cx="([^"]+)" cy="([^"]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
}
