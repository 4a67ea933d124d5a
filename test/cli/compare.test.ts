// Comparing from the command line: outputs, reports, what is kept, and ratings of votes.

import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { printVoteLine } from "../../src/compare/voteLines.js";
import type { CompareResult, ComparisonDiff, Ratings } from "../../src/protocol/compare.js";
import { vote } from "../compare/votes.js";
import { temporaryFolder } from "../temporaryFolder.js";
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

test("what changed since a kept comparison is said, and nothing is run for one that is not there", async () => {
  const one = await tiller.run(["compare", "sky.prompt", "--against", "last", "--quiet"]);
  assert.equal(one.code, 0);
  assert.match(one.stdout, /^Since \d{8}-\d{6}-\w+: 0 of 3 outputs changed, 0 only there, 0 only here; the prompt is the same\.$/m); // prettier-ignore
  tiller.file(
    "three.json",
    JSON.stringify([
      { label: "base", config: { temperature: 2 } },
      { label: "new", config: { temperature: 0.5 } },
    ]),
  );
  const args = ["compare", "sky.prompt", "--variants", "three.json", "--against", "last", "--no-store"];
  const two = await tiller.run([...args, "--quiet"]);
  assert.match(two.stdout, /^Since .*: 1 of 1 output changed, 2 only there, 1 only here/m);
  assert.match(two.stdout, /^ {2}base, sky, seed 0:\n {4}.*\[-.*-\].*$/m);
  assert.match(two.stdout, /^base +other settings.*\nnew +added.*\n.* +taken away/m);
  const { changes } = JSON.parse((await tiller.run([...args, "--json"])).stdout) as { changes: ComparisonDiff };
  assert.deepEqual(changes.variants.map((it) => it.newer?.label), ["base", "new", undefined, undefined]); // prettier-ignore
  const gone = await tiller.run(["compare", "sky.prompt", "--against", "20000101-000000-x"]);
  assert.notEqual(gone.code, 0);
  assert.match(gone.stderr, /no comparison 20000101-000000-x/);
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
  assert.equal(readdirSync(join(tiller.folder, ".tiller/runs")).length, 2);
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

test("a prompt outside of the folder is kept under its whole path, and found again by it", async () => {
  const path = join(temporaryFolder("far"), "far.prompt");
  copyFileSync(join(tiller.folder, "sky.prompt"), path);
  assert.equal((await tiller.run(["compare", path, "--quiet"])).code, 0);
  const { code, stdout } = await tiller.run(["compare", path, "--against", "last", "--no-store", "--quiet"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Since .*: 0 of 3 outputs changed/m);
});
