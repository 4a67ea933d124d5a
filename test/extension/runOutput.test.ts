// What the output of a run looks like, from its first event to its end.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Json } from "../../src/base/json.js";
import type { FilledHole, RunEvent, RunResult } from "../../src/protocol/run.js";
import { outputText, startOutput, withEvent, withFailure, withResult } from "../../src/extension/runOutput.js";

const usage = { promptTokens: 12, cachedTokens: 2, completionTokens: 20, prefillMs: 50, decodeMs: 200 };

test("before anything happens there is the title", () => {
  checkOutput([], "# a.prompt\n");
});

test("loading and reading are told", () => {
  checkOutput([{ type: "loading", stage: "reading", fraction: 0.4 }], "# a.prompt\n\n*Loading Small, 40 % ...*\n");
  checkOutput(
    [
      { type: "hole", name: "x" },
      { type: "prefill", name: "x", done: 3, total: 12, cached: 0 },
    ],
    "# a.prompt\n\n*Reading the prompt, 3 of 12 tokens ...*\n",
  );
});

test("text shows as it comes", () => {
  checkOutput(
    [
      { type: "hole", name: "x" },
      { type: "text", name: "x", text: "Hel" },
      { type: "text", name: "x", text: "lo" },
    ],
    "# a.prompt\n\nHello\n",
  );
});

test("a finished text is followed by what it cost", () => {
  const hole = filled("x", "Hello", "Hello");
  checkOutput(
    [
      { type: "hole", name: "x" },
      { type: "text", name: "x", text: "Hello" },
      { type: "filled", hole },
    ],
    "# a.prompt\n\nHello\n\n---\n\nSmall read 10 tokens and wrote 20 (100 tokens/s).\n",
    { messages: [], holes: [hole], output: "Hello", finish: "stop" },
  );
});

test("a typed value is shown as what it is", () => {
  const hole = filled("x", '{"a":1}', { a: 1 });
  checkOutput(
    [
      { type: "hole", name: "x" },
      { type: "filled", hole },
    ],
    '# a.prompt\n\n```json\n{\n  "a": 1\n}\n```\n\n---\n\nSmall read 10 tokens and wrote 20 (100 tokens/s).\n',
    { messages: [], holes: [hole], output: { a: 1 }, finish: "stop" },
  );
});

test("backticks in a value do not end its block", () => {
  const hole = filled("x", "", { a: "```" });
  checkOutput([{ type: "filled", hole }], '# a.prompt\n\n````json\n{\n  "a": "```"\n}\n````\n');
});

test("several holes have their names, and a result together; hidden ones are not shown", () => {
  const holes = [filled("a", "x", "x"), { ...filled("b", "y", "y"), hidden: true }, filled("c", "3", 3)];
  checkOutput(
    holes.map((hole) => ({ type: "filled", hole })),
    [
      "# a.prompt",
      "**a**\n\nx",
      "**c**\n\n```json\n3\n```",
      '**Result**\n\n```json\n{\n  "a": "x",\n  "c": 3\n}\n```',
      "---",
      "Small read 30 tokens and wrote 60 (100 tokens/s).\n",
    ].join("\n\n"),
    { messages: [], holes, output: { a: "x", c: 3 }, finish: "stop" },
  );
});

test("a text that was cut off or cancelled says so", () => {
  const hole = filled("x", "He", "He");
  const result: RunResult = { messages: [], holes: [hole], output: "He", finish: "length" };
  checkOutput(
    [{ type: "filled", hole }],
    "# a.prompt\n\nHe\n\n---\n\nSmall read 10 tokens and wrote 20 (100 tokens/s). It was cut off: the limit of tokens was reached.\n",
    result,
  );
  checkOutput(
    [{ type: "filled", hole }],
    "# a.prompt\n\nHe\n\n---\n\nSmall read 10 tokens and wrote 20 (100 tokens/s). It was cancelled; this is the text so far.\n",
    { ...result, finish: "cancelled" },
  );
});

test("a failure is told where the result would be, below what was written until then", () => {
  const started = withEvent(startOutput("a.prompt", "Small"), { type: "text", name: "x", text: "He" });
  assert.equal(
    outputText(withFailure(started, "The engine stopped.")),
    "# a.prompt\n\nHe\n\n---\n\n**The run failed.** The engine stopped.\n",
  );
});

function filled(name: string, text: string, value: Json): FilledHole {
  return { name, text, value, hidden: false, finish: "stop", usage };
}

function checkOutput(events: readonly RunEvent[], expected: string, result?: RunResult): void {
  const output = events.reduce(withEvent, startOutput("a.prompt", "Small"));
  assert.equal(outputText(result === undefined ? output : withResult(output, result)), expected);
}
