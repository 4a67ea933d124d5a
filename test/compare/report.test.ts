// Reports: the same numbers in each format, and nothing in them that runs or is fetched.

import assert from "node:assert/strict";
import { test } from "node:test";

import { blindPairs } from "../../src/compare/blindPairs.js";
import { rateVotes } from "../../src/compare/rate.js";
import { renderReport } from "../../src/compare/report/renderReport.js";
import type { Ratings } from "../../src/protocol/compare.js";
import { finished, result } from "./sampleResult.js";
import { times, vote } from "./votes.js";

const ratings: Ratings = {
  ...rateVotes([...times(5, () => vote("a", "b", "left")), ...times(3, () => vote("b", "a", "left"))]),
  agreements: [],
  warnings: [],
};

test("Markdown holds tables, every output in a fence of its own, and why a cell failed", () => {
  const text = renderReport({ result, ratings }, "markdown");
  assert.equal(
    text.slice(0, text.indexOf("## Ratings")),
    `# Comparison of a.prompt

2026-01-01T00:00:00.000Z, prompt 0123456789abcdef, 1.2 s

| Variant | Settings | Done | Tokens | Tokens/s | First token (ms) | Valid | Tests |
| --- | --- | --- | --- | --- | --- | --- | --- |
| Base | m, no adapter | 1 of 1 | 10 | 100.0 | 50 | 1 of 1 | 0 of 1 |
| Pirate \\| \\<b\\> | m, pirate 1 | 0 of 1 | 0 |  |  | 0 of 0 | 0 of 0 |

`,
  );
  assert.match(text, /are not told apart yet\. About \d+ more votes/);
  assert.ok(text.includes("````\nHello ```there``` <img src=x>\n````"));
  assert.ok(text.includes("Failed: It is made for another model."));
  assert.ok(text.includes('- contains "x": not found'));
});

test("the HTML page has plots, no scripts, nothing remote, and no text that becomes markup", () => {
  const page = renderReport({ result, ratings }, "html");
  const tags = new Set([...page.matchAll(/<([a-z0-9]+)/g)].map((it) => it[1]));
  assert.ok(tags.has("svg"));
  for (const it of ["script", "img", "b", "link", "iframe", "object"]) assert.equal(tags.has(it), false, it);
  assert.doesNotMatch(page, /<[^>]*(?:src|href)=|url\(|@import/);
  assert.match(page, /default-src 'none'/);
  assert.match(page, /aria-label="Rating with its 95 % interval: A \d+, \d+ to \d+; B \d+/);
});

test("JSON gives back what it was made of", () => {
  assert.deepEqual(JSON.parse(renderReport({ result }, "json")), { result });
});

test("sides of blind pairs are drawn, half to half, and the same again", () => {
  const cells = Array.from({ length: 400 }, (_, input) => [
    finished("a", "x", { input }),
    finished("b", "y", { input }),
  ]).flat();
  const pairs = blindPairs({ id: "one", cells });
  assert.deepEqual(blindPairs({ id: "one", cells: [...cells].reverse() }), pairs);
  const turned = pairs.filter((it) => it.left.variant === "b").length;
  assert.ok(160 <= turned && turned <= 240, `${turned} of 400`);
  assert.notDeepEqual(
    pairs.map((it) => it.left.input),
    pairs.map((_, i) => i),
  );
  assert.notDeepEqual(blindPairs({ id: "two", cells }), pairs);
});

test("equal outputs, and outputs of other inputs or seeds, are no pair", () => {
  const cells = [
    finished("a", "x"),
    finished("b", "x"),
    finished("c", "z", { input: 1 }),
    finished("d", "z", { repeat: 1 }),
  ];
  assert.deepEqual(blindPairs({ id: "one", cells }), []);
});
