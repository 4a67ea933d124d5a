// Tests of prompts, on an engine that writes what the test says.

import assert from "node:assert/strict";
import { test } from "node:test";

import { TillerError } from "../../src/base/error.js";
import type { TestEvent, TestRequest } from "../../src/protocol/test.js";
import type { PromptFiles } from "../../src/runner/promptFiles.js";
import { createPromptTester } from "../../src/runner/tests/testRunner.js";
import { fakeEngine } from "./fakeEngine.js";

const model = { path: "/models/one.gguf" };

const prompt = (tests: string) =>
  `---\ninput: { schema: { who?: string } }\ntiller.tests:\n${tests}\n---\nWho? {{who}}`;

const files: PromptFiles = {
  read: () => assert.fail("the text was given"),
  partial: () => undefined,
  shots: () => undefined,
  data: () => undefined,
  picture: () => undefined,
  adapter: () => undefined,
  adaptersIn: () => [],
  isWithin: () => true,
};

async function run(
  tests: string,
  replies: readonly string[],
  { signal = new AbortController().signal, onEvent = () => {}, ...more }: Partial<TestRequest> & Listening = {},
) {
  const engine = fakeEngine(replies);
  const request = { path: "/work/a.prompt", text: prompt(tests), model, ...more };
  const report = await createPromptTester({ engine, files }).test(request, onEvent, signal);
  return { ...report, requests: engine.requests };
}

interface Listening {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TestEvent) => void;
}

test("each test is written with its own input, and its checks decide", async () => {
  const { tests, complete } = await run(
    `  - { name: cat, input: { who: cat }, assert: [{ type: contains, value: purr }] }
  - { name: dog, input: { who: dog }, assert: [{ type: contains, value: bark }, { type: max-words, value: 2 }] }`,
    ["I purr.", "I do not purr."],
  );
  assert.ok(complete);
  assert.deepEqual(
    tests.map(({ name, passed, runs }) => [name, passed, runs.map((it) => it.checks.map((one) => one.passed))]),
    [
      ["cat", true, [[true]]],
      ["dog", false, [[false, false]]],
    ],
  );
  assert.equal(tests[1]!.runs[0]!.text, "I do not purr.");
});

test("repeats have seeds of their own, are written together, and so many must pass as the test says", async () => {
  const twoOfThree = "  - { name: a, input: {}, repeat: 3, passRate: 0.667, assert: [{ type: contains, value: ok }] }";
  const { tests, requests } = await run(twoOfThree, ["ok", "no", "ok"], { seed: 5 });
  assert.equal(tests[0]!.passed, true);
  assert.deepEqual(
    tests[0]!.runs.map((it) => [it.seed, it.passed]),
    [
      [5, true],
      [6, false],
      [7, true],
    ],
  );
  assert.deepEqual(
    requests.map((it) => it.sampling?.seed),
    [5, 6, 7],
  );
  assert.equal((await run(twoOfThree, ["ok", "no", "no"])).tests[0]!.passed, false);
});

test("the request's repeats stand over the test's own", async () => {
  const { tests } = await run("  - { name: a, input: {}, repeat: 3 }", ["x", "y"], { repeat: 2 });
  assert.equal(tests[0]!.runs.length, 2);
});

test("checks without an input hold for every test", async () => {
  const { tests } = await run(
    `  - { name: never rude, assert: [{ type: not-contains, value: rude }] }
  - { name: cat, input: { who: cat }, assert: [{ type: contains, value: cat }] }`,
    ["a rude cat"],
  );
  assert.deepEqual(
    tests.map(({ name, passed, runs }) => [name, passed, runs[0]!.checks.map((it) => it.passed)]),
    [["cat", false, [false, true]]],
  );
});

test("where no test has an input, the file's defaults are tested", async () => {
  const { tests } = await run("  - { name: short, assert: [{ type: max-words, value: 3 }] }", ["one two"]);
  assert.deepEqual(
    tests.map((it) => [it.name, it.passed]),
    [["short", true]],
  );
});

test("a run that fails is told of that run, and the next test is run", async () => {
  const { tests } = await run(
    `  - { name: wrong, input: { who: 3 } }
  - { name: right, input: { who: cat } }`,
    ["yes"],
  );
  assert.deepEqual(
    tests.map((it) => it.passed),
    [false, true],
  );
  assert.match(tests[0]!.runs[0]!.problem!, /^The input does not fit the prompt/);
});

test("only the tests that were named are run", async () => {
  const two = "  - { name: a, input: {} }\n  - { name: b, input: {} }";
  const { tests } = await run(two, ["x"], { names: ["b"] });
  assert.deepEqual(
    tests.map((it) => it.name),
    ["b"],
  );
  await refused(run(two, [], { names: ["c"] }), "usage", 'There is no test "c" in /work/a.prompt. It has "a", "b".');
});

test("what is wrong with the whole is said once, before anything is written", async () => {
  await refused(run("  []", []), "usage", "has no tests");
  await refused(run("  - { name: a, assert: [{ type: contians, value: x }] }", []), "prompt-invalid", "contains");
  await refused(run("  - { name: a, input: {} }", [], { repeat: 0 }), "usage", "1 or more");
  const text = prompt("  - { name: a, input: {} }").replace("{{who}}", "{{#if who}}");
  await refused(run("", [], { text }), "prompt-invalid", "The prompt has errors");
});

test("what is told on the way can be put together into the report", async () => {
  const events: TestEvent[] = [];
  const { tests } = await run("  - { name: a, input: {}, repeat: 2 }", ["x", "y"], {
    onEvent: (it) => events.push(it),
  });
  assert.deepEqual(
    events.map((it) => it.type),
    ["started", "ran", "ran", "ended"],
  );
  assert.deepEqual(
    events.flatMap((it) => (it.type === "ended" ? [it.outcome] : [])),
    tests,
  );
});

test("a run that is stopped leaves out what it did not test", async () => {
  const controller = new AbortController();
  const { tests, complete } = await run("  - { name: a, input: {} }\n  - { name: b, input: {} }", ["x", "y"], {
    signal: controller.signal,
    onEvent: (it) => it.type === "ended" && controller.abort(),
  });
  assert.deepEqual([tests.map((it) => it.name), complete], [["a"], false]);
});

async function refused(running: Promise<unknown>, code: string, part: string): Promise<void> {
  const error: unknown = await running.then(
    () => assert.fail("it was not refused"),
    (it: unknown) => it,
  );
  assert.ok(error instanceof TillerError, String(error));
  assert.equal(error.code, code);
  assert.ok(error.message.includes(part), error.message);
}
