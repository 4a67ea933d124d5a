// A run as a new example, and what a new prompt begins as.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import type { Json } from "../../src/base/json.js";
import { check } from "../../src/lang/check.js";
import { applyEdits } from "../../src/lang/edit.js";
import { parse } from "../../src/lang/parser.js";
import { promptTemplates } from "../../src/lang/promptTemplates.js";
import { appendShot, appendShots } from "../../src/lang/shots/appendShot.js";
import { arbitraryPrompt } from "./arbitraryPrompt.js";

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
  [
    "---\r\nmodel:   x # kept\r\n---\r\n{{word}}",
    "---\r\nmodel:   x # kept\r\ntiller.shots:\r\n  - input:\r\n      word: big\r\n    output: small\r\n---\r\n{{word}}",
  ],
  [
    "---\ntiller.shots: # soon\nmodel:   x\n---\n{{word}}",
    "---\ntiller.shots: # soon\n  - input:\n      word: big\n    output: small\nmodel:   x\n---\n{{word}}",
  ],
  [
    "---\ntiller.shots:\n- input: {word: tall}\n  output: |\n    short\n\nmodel:   x\n---\n{{word}}",
    "---\ntiller.shots:\n- input: {word: tall}\n  output: |\n    short\n- input:\n    word: big\n  output: small\n\nmodel:   x\n---\n{{word}}",
  ],
  [
    "---\ntiller.shots: [{input: {word:  tall}, output: short}, ] # first\n---\n{{word}}",
    '---\ntiller.shots: [{input: {word:  tall}, output: short}, {"input":{"word":"big"},"output":"small"}, ] # first\n---\n{{word}}',
  ],
  [
    "---\ntiller.shots: []\n---\n{{word}}",
    '---\ntiller.shots: [{"input":{"word":"big"},"output":"small"}]\n---\n{{word}}',
  ],
  [
    "---\n{model: x}\n---\n{{word}}",
    '---\n{model: x, "tiller.shots": [{"input":{"word":"big"},"output":"small"}]}\n---\n{{word}}',
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

test("whatever the front matter and the example, only the example is added, or nothing", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.constantFrom("---", "a\n---\nb", " x\n  y\n", "\n\n", "\r\n", "- a: b # c", "null", "1", "{{a}}", 'it\'s "so"'),
  );
  const shots = fc.array(fc.record({ input: fc.dictionary(texts, texts, { maxKeys: 2 }), output: texts }), {
    minLength: 1,
    maxLength: 3,
  });
  const lists = fc.constantFrom(
    "",
    "---\ntiller.shots:\n---\n",
    "---\ntiller.shots: # c\n\n  # d\nmodel: x\n---\n",
    "---\ntiller.shots: [ ]\nmodel: x\n---\n",
    "---\ntiller.shots: &a [ 1, # c\n  2 ]\nb:   *a\n---\n",
    "---\nb: &a [1]\ntiller.shots: *a\n---\n",
    "---\ntiller.shots: &a\n-   x\n-   y: |+\n      z\n\n\n---\n",
    "---\n  a: 1\n  tiller.shots:\n    -\n---\n",
    "---\n{ }\n---\n",
    "---\n? tiller.shots\n: - 1\n---\n",
    "---\na: 1\n...\n---\n",
    "---\ntiller.shots: 3\n---\n",
    "---\ntiller.shots:\n- 1",
  );
  let added = 0;
  fc.assert(
    fc.property(fc.oneof(arbitraryPrompt, lists), shots, (text, some) => {
      const { file } = parse(text);
      const found = appendShots(file, some);
      if (found.kind !== "edit") return;
      added++;
      assert.equal(found.edit.span.start, found.edit.span.end);
      const after = parse(applyEdits(text, [found.edit])).file;
      const { "tiller.shots": before, ...others } = file.frontMatter?.value ?? {};
      const { "tiller.shots": list, ...left } = after.frontMatter!.value;
      assert.deepEqual(list, [...((before ?? []) as readonly Json[]), ...(JSON.parse(JSON.stringify(some)) as Json[])]);
      assert.deepEqual(left, others);
    }),
    { numRuns: 1500, seed: Number(process.env["TILLER_FUZZ_SEED"] ?? 1) },
  );
  assert.ok(500 < added, String(added));
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
