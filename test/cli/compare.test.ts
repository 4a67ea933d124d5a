// Comparing from the command line: outputs, reports, what is kept, and ratings of votes.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { printVoteLine } from "../../src/compare/voteLines.js";
import type { CompareResult, Ratings } from "../../src/protocol/compare.js";
import { vote } from "../compare/votes.js";
import { Workplace } from "./tiller.js";

const tiller = new Workplace();
tiller.file(
  "sky.prompt",
  `---
config: { maxOutputTokens: 12 }
tiller.compare:
  variants:
    - { label: base }
    - { label: warm, config: { temperature: 0.8 } }
    - { label: dry, guide: { tone: dry } }
tiller.tests:
  - { name: sky, input: {}, assert: [{ type: max-words, value: 40 }] }
---
Why is the sky blue?`,
);
tiller.file("two.json", JSON.stringify([{ label: "a" }, { label: "b", adapters: ["no-such-adapter"] }]));

test("the variants of a file run side by side, and a report is written", async () => {
  const { code, stdout } = await tiller.run(["compare", "sky.prompt", "--report", "report.html", "--json"]);
  assert.equal(code, 0);
  const { variants, cells, finish } = JSON.parse(stdout) as CompareResult;
  assert.deepEqual(
    variants.map((it) => it.label),
    ["base", "warm", "dry"],
  );
  assert.deepEqual([finish, cells.map((it) => it.status)], ["complete", ["finished", "finished", "finished"]]);
  const report = readFileSync(join(tiller.folder, "report.html"), "utf8");
  assert.match(report, /base[\s\S]*warm[\s\S]*dry/);
  assert.doesNotMatch(report, /<script|https?:/);
  assert.equal(readdirSync(join(tiller.folder, ".tiller/runs")).length, 1);
});

test("a variant that cannot run is said, and the others are there", async () => {
  const { code, stdout } = await tiller.run([
    "compare",
    "sky.prompt",
    "--variants",
    "two.json",
    "--no-store",
    "--quiet",
  ]);
  assert.equal(code, 1);
  assert.match(stdout, /b, seed 0:\n {4}failed: There is no adapter "no-such-adapter"/);
  assert.doesNotMatch(stdout, /a, seed 0:\n {4}failed/);
  assert.equal(readdirSync(join(tiller.folder, ".tiller/runs")).length, 1);
});

test("wrong usage is said before a model is loaded", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["sky.prompt", "--report", "out.pdf"], /--report writes \.md, \.html or \.json/],
    [["sky.prompt", "--repeat", "none"], /--repeat is a whole number/],
    [["sky.prompt", "--variants", "gone.json"], /gone\.json/],
    [[], /a \.prompt file/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await tiller.run(["compare", ...args]);
    assert.notEqual(code, 0, args.join(" "));
    assert.match(stderr, message);
  }
  assert.ok(!existsSync(join(tiller.folder, "out.pdf")));
});

test("votes become ratings, with what is missing to tell two apart", async () => {
  const votes = Array.from({ length: 6 }, (_, i) => vote("a", "b", i === 0 ? "right" : "left", { id: `v${i}` }));
  tiller.file(".tiller/votes.jsonl", votes.map(printVoteLine).join(""));
  const { code, stdout } = await tiller.run(["votes", "ratings", "--json"]);
  assert.equal(code, 0);
  const ratings = JSON.parse(stdout) as Ratings;
  assert.equal(ratings.votes, 6);
  assert.match((await tiller.run(["votes", "ratings"])).stdout, /^A +a +\d+ +\d+ to \d+ +5-1-0/m);
});
