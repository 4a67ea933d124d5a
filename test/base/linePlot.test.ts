// Line plots: where points lie, and that whatever is plotted stays well-formed and inside of the picture.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { linePlot, type LinePlot, type PlotSeries } from "../../src/base/linePlot.js";

const plot = (series: readonly PlotSeries[], more: Partial<LinePlot> = {}) =>
  linePlot({ title: "t", xLabel: "x", leftLabel: "left", series, ...more });
const lines = (svg: string) => [...svg.matchAll(/class="line(?: dashed)?" d="([^"]*)"/g)].map(([, d]) => d!);
const ticks = (svg: string, side: "left" | "right" | "x") =>
  [...svg.matchAll(new RegExp(`class="${side}" x="[^"]*" y="[^"]*">([^<]*)<`, "g"))].map(([, it]) => it!);

describe("a line plot", () => {
  it("has its points where the scales say", () => {
    const svg = plot([
      {
        label: "a",
        points: [
          [0, 0],
          [5, 5],
          [10, 10],
        ],
      },
    ]);
    // 640 by 360 less the margins: x from 62 to 578, y from 288 up to 34.
    assert.equal(lines(svg)[0], "M62 288L320 161L578 34");
    assert.deepEqual(ticks(svg, "left"), ["0", "2", "4", "6", "8", "10"]);
    assert.deepEqual(ticks(svg, "x").slice(0, 6), ["0", "2", "4", "6", "8", "10"]);
  });

  it("has a second axis of its own scale for series on the right, which are dashed", () => {
    const svg = plot(
      [
        {
          label: "effect",
          points: [
            [0, 0],
            [1, 1],
          ],
        },
        {
          label: "price",
          points: [
            [0, 100],
            [1, 300],
          ],
          axis: "right",
        },
      ],
      { rightLabel: "price" },
    );
    assert.deepEqual(ticks(svg, "right"), ["100", "150", "200", "250", "300"]);
    assert.deepEqual([lines(svg)[0], lines(svg)[1]], ["M62 288L578 34", "M62 288L578 34"]);
    assert.equal(svg.match(/class="line dashed"/g)?.length, 2); // and in the legend
  });

  it("has a gap where a value is missing", () => {
    const svg = plot([
      {
        label: "a",
        points: [
          [0, 0],
          [1, NaN],
          [2, 1],
          [3, 2],
        ],
      },
    ]);
    assert.match(lines(svg)[0]!, /^M\S+ \S+M\S+ \S+L\S+ \S+$/);
    assert.equal(svg.match(/class="mark"/g)?.length, 3 + 1);
  });

  it("keeps texts as they are, whatever they contain", () => {
    const svg = plot([{ label: `<script>"&`, points: [[0, 0]] }], { title: "a < b" });
    assert.ok(!svg.includes("<script>"));
    assert.ok(svg.includes("&#60;script&#62;&#34;&#38;"));
    assert.ok(svg.includes("a &#60; b"));
  });

  it("is well-formed and inside of its picture for all numbers", () => {
    const value = fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 }), fc.constantFrom(1e-320, 1e300, 0));
    const points = fc.array(fc.tuple(value, value), { maxLength: 8 });
    const series = fc.array(fc.record({ points, axis: fc.constantFrom("left" as const, "right" as const) }), {
      maxLength: 7,
    });
    fc.assert(
      fc.property(series, (all) => {
        const svg = plot(
          all.map((it, i) => ({ label: `s${i}`, ...it })),
          { rightLabel: "right" },
        );
        assert.ok(!/NaN|Infinity|undefined/.test(svg), svg);
        const opened = [...svg.matchAll(/<([a-z]+)[^>]*?(\/?)>/g)].filter(([, , closed]) => closed === "").length;
        assert.equal(opened, svg.match(/<\/[a-z]+>/g)?.length);
        for (const [, x, y] of svg.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)) {
          assert.ok(0 <= Number(x) && Number(x) <= 640 && 0 <= Number(y) && Number(y) <= 360, `${x} ${y}`);
        }
        assert.ok(ticks(svg, "left").length < 20);
      }),
    );
  });
});
