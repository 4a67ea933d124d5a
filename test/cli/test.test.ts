// Tests of prompts from the command line: what is shown, reports, exit codes.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Workplace } from "./tiller.js";

const tiller = new Workplace();
const prompt = (tests: string) => `---\nconfig: { maxOutputTokens: 6 }\ntiller.tests:\n${tests}\n---\nName a colour.`;
tiller.file(
  "prompts/good.prompt",
  prompt("  - { name: short, input: {}, repeat: 2, assert: [{ type: max-words, value: 9 }] }"),
);
tiller.file(
  "prompts/bad.prompt",
  prompt(`  - { name: long, input: {}, assert: [{ type: min-words, value: 50 }] }\n  - { name: short, input: {} }`),
);
tiller.file("prompts/plain.prompt", "Hi.");
tiller.file("broken/broken.prompt", prompt("  - { name: a, input: {} }").replace("colour", "{{#if x}}"));

test("tests of a folder are run, failures say what was found, and a report is written", async () => {
  const { code, stdout, stderr } = await tiller.run(["test", "prompts", "--report", "out.xml"]);
  assert.equal(code, 1);
  assert.match(stdout, /bad\.prompt\n {2}failed long \([\d.]+ s\)\n {4}seed 0: min-words 50: \d+ words\n {6}wrote "/);
  assert.match(stdout, /good\.prompt\n {2}passed short \([\d.]+ s, 2 of 2\)/);
  assert.doesNotMatch(stdout, /plain\.prompt/);
  assert.match(stderr, /2 passed, 1 failed/);
  const report = readFileSync(join(tiller.folder, "out.xml"), "utf8");
  assert.match(report, /<testsuite name="[^"]*bad.prompt" tests="2" failures="1" errors="0">/);
  assert.match(report, /name="long" time="[\d.]+"><failure message="seed 0: min-words 50: \d+ words">/);
});

test("a prompt that is wrong leaves the others to be tested", async () => {
  const { code, stdout } = await tiller.run(["test", "broken", "prompts", "--name", "short", "--name", "a", "--json"]);
  assert.equal(code, 1);
  const { passed, failed, errors, prompts } = JSON.parse(stdout) as Record<string, unknown> & { prompts: unknown[] };
  assert.deepEqual([passed, failed, errors, prompts.length], [2, 0, 1, 3]);
});

test("wrong usage is said before a model is loaded", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /needs files or folders/],
    [["prompts/plain.prompt"], /There is no test in prompts\/plain\.prompt/],
    [["prompts", "--name", "gone"], /no test called "gone"/],
    [["prompts", "--report", "out.pdf"], /--report writes \.xml/],
    [["prompts", "--repeat", "0"], /--repeat is a whole number/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await tiller.run(["test", ...args]);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, message);
  }
  assert.ok(!existsSync(join(tiller.folder, "out.pdf")));
});
