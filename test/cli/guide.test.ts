// Steering a run from the command line: settings over the file's, reports, data from files, and sweeps.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { RunResult } from "../../src/protocol/run.js";
import type { Sweep } from "../../src/runner/sweep.js";
import { Workplace } from "./tiller.js";

const tiller = new Workplace();
tiller.file(
  "letter.prompt",
  `---
config: { maxOutputTokens: 12 }
tiller.guide: { tone: formal, strength: 1.5, avoid: [the] }
---
{{role "system"}}You answer letters.{{role "user"}}Where is my parcel?`,
);
tiller.file(
  "rows.prompt",
  `---
input:
  schema:
    rows(array):
      name: string
      size: integer
---
{{#each rows}}{{name}}={{size}} {{/each}}`,
);
tiller.file("rows.csv", "name,size\na,1\nb,2\n");

test("a guided run says what guidance changed and what the text keeps of its presets", async () => {
  const { code, stdout, stderr } = await tiller.run(["run", "letter.prompt"]);
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /\bthe\b/i);
  assert.match(stderr, /output: each token was read 2 times; guidance changed \d+ of \d+ tokens\./);
  assert.match(stderr, /output: tone, formal: .*\d\.\d\d/);
  assert.match(stderr, /output: avoid, "the": none of 1 found\./);
});

test("settings of the command line stand over the file's, and strength 1 writes what no guidance writes", async () => {
  const args = ["--guide", "avoid=null", "--guide", "tone=null", "--json", "--quiet"];
  const off = JSON.parse(
    (await tiller.run(["run", "letter.prompt", ...args, "--guide", "strength=1"])).stdout,
  ) as RunResult;
  const none = JSON.parse(
    (await tiller.run(["run", "letter.prompt", ...args, "--guide", "strength=null"])).stdout,
  ) as RunResult;
  assert.equal(off.holes[0]!.usage.guidance, undefined);
  assert.deepEqual(off.output, none.output);
});

test("what is wrong with a setting is said before a model is loaded", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["strength=.nan", /--guide strength: expected a number from 0 to 100 for "strength", found NaN\./],
    ["strength=1e9", /expected a number from 0 to 100/],
    ["strenght=2", /--guide takes KEY=VALUE.* Did you mean strength\?/],
    ["tone", /--guide takes KEY=VALUE, as in strength=1.5, not "tone"/],
    ["bias.very=1000", /--guide bias.very: expected a number from -100 to 100/],
  ];
  for (const [setting, message] of cases) {
    const { code, stderr } = await tiller.run(["run", "letter.prompt", "--guide", setting]);
    assert.equal(code, 2, setting);
    assert.match(stderr, message);
  }
});

test("the second reading can be looked at", async () => {
  const { stdout } = await tiller.run(["render", "letter.prompt", "--otherwise"]);
  assert.match(stdout, /^\[system\]\nYou answer letters\.\n/);
  assert.match((await tiller.run(["render", "letter.prompt"])).stdout, /Your tone is formal/);
});

test("a variable takes its value from a file", async () => {
  const { stdout } = await tiller.run(["render", "rows.prompt", "--data", "rows=rows.csv"]);
  assert.match(stdout, /^\[user\]\na=1 b=2/);
  const { code, stderr } = await tiller.run(["render", "rows.prompt", "--data", "rows=gone.csv"]);
  assert.equal(code, 1);
  assert.match(stderr, /"rows": the file .*gone\.csv cannot be read: there is no such file/);
});

test("a sweep is a table, a plot, and numbers for programs", async () => {
  const args = ["guide", "sweep", "letter.prompt", "--strength", "1:2:1", "--measure", "words", "--max-tokens", "5"];
  const { code, stdout } = await tiller.run([...args, "--plot", "plot.svg", "--json"]);
  assert.equal(code, 0);
  const { rows, unguided } = JSON.parse(stdout) as Sweep;
  assert.deepEqual([rows.map((it) => it.strength), unguided], [[1, 2], 1]);
  for (const { perplexity, effect, answers } of rows) {
    assert.ok(perplexity !== null && 1 < perplexity);
    assert.ok(effect !== null && 0 < effect);
    assert.equal(answers.length, 1);
  }
  assert.match(readFileSync(join(tiller.folder, "plot.svg"), "utf8"), /^<svg[\s\S]*perplexity/);
});
