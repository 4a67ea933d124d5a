// A run as a new example, and what a new prompt begins as.

import assert from "node:assert/strict";
import { test } from "node:test";

import { check } from "../../src/lang/check.js";
import { applyEdits } from "../../src/lang/edit.js";
import { parse } from "../../src/lang/parser.js";
import { promptTemplates } from "../../src/lang/promptTemplates.js";
import { appendShot } from "../../src/lang/shots/appendShot.js";

const shot = { input: { word: "big" }, output: "small" };

function appended(text: string): string {
  const found = appendShot(parse(text).file, shot);
  assert.equal(found.kind, "edit");
  return applyEdits(text, [found.edit]);
}

for (const [before, after] of [
  ["{{word}}", "---\ntiller.shots:\n  - input:\n      word: big\n    output: small\n---\n{{word}}"],
  [
    "---\n# kept\nmodel: x\n---\n{{word}}",
    "---\n# kept\nmodel: x\ntiller.shots:\n  - input:\n      word: big\n    output: small\n---\n{{word}}",
  ],
  [
    "---\ntiller.shots:\n  - input: { word: tall } # first\n    output: short\n---\n{{word}}",
    "---\ntiller.shots:\n  - input: { word: tall } # first\n    output: short\n  - input:\n      word: big\n    output: small\n---\n{{word}}",
  ],
] as const) {
  test(`an example is added to ${JSON.stringify(before.slice(0, 40))}`, () => {
    assert.equal(appended(before), after);
    assert.deepEqual(
      check(parse(after).file).filter((it) => it.severity === "error"),
      [],
    );
  });
}

test("an example of a prompt with a file of examples is a line of that file", () => {
  assert.deepEqual(appendShot(parse("---\ntiller.shots: { file: a.jsonl }\n---\nHi").file, shot), {
    kind: "line",
    file: "a.jsonl",
    line: '{"input":{"word":"big"},"output":"small"}\n',
  });
});

test("a front matter with errors is not rewritten", () => {
  assert.equal(appendShot(parse("---\na: [\n---\nHi").file, shot).kind, "refused");
});

for (const { name, text } of promptTemplates) {
  test(`the template ${name} has nothing to report`, () => {
    const { file, diagnostics } = parse(text);
    assert.deepEqual(
      [...diagnostics, ...check(file)].filter((it) => it.severity !== "information"),
      [],
    );
  });
}
