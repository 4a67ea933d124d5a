// Variants that are written into a prompt: the rest of the file stays, and they are read back the same.

import assert from "node:assert/strict";
import { test } from "node:test";

import { applyEdits } from "../../../src/lang/edit.js";
import { frontMatterText } from "../../../src/lang/editor/adapterEdits.js";
import { appendTest, writeCompare } from "../../../src/lang/editor/compareEdit.js";
import { parse } from "../../../src/lang/parser.js";

const compare = { variants: [{ label: "A: plain" }, { label: "B", adapters: ["pirate"] }], repeat: 2, seeds: [7] };

function written(text: string): string {
  const edit = writeCompare(frontMatterText(text), compare);
  assert.ok(edit !== undefined);
  const after = applyEdits(text, [edit]);
  assert.deepEqual(parse(after).file.frontMatter!.value["tiller.compare"], compare);
  return after;
}

test("a prompt without a front matter gets one", () => {
  assert.match(written("Hello"), /^---\ntiller\.compare:\n(?: .*\n)+---\nHello$/);
});

test("the key is added behind the others, whose comments stay", () => {
  const after = written("---\nmodel: a # mine\ninput: { schema: { x: string } }\n---\nHi {{x}}");
  assert.match(after, /^---\nmodel: a # mine\ninput: \{ schema: \{ x: string \} \}\ntiller\.compare:\n/);
  assert.match(after, /\n---\nHi \{\{x\}\}$/);
});

test("what was there is replaced, and what stands around it stays", () => {
  for (const old of ["tiller.compare:\n  repeat: 1\n", "tiller.compare: { repeat: 1 }\n", "tiller.compare:\n"]) {
    const after = written(`---\nmodel: a\n${old}output: { format: json } # last\n---\nHi`);
    assert.match(after, /\nmodel: a\ntiller\.compare:\n/, old);
    assert.match(after, /\noutput: \{ format: json \} # last\n---\nHi$/, old);
  }
});

test("line ends of the file are kept", () => {
  assert.doesNotMatch(written("---\r\nmodel: a\r\n---\r\nHi"), /[^\r]\n/);
});

test("what cannot be read is not changed", () => {
  for (const text of ["---\nmodel: [\n---\nHi", "---\n{ model: a }\n---\nHi"])
    assert.equal(writeCompare(frontMatterText(text), compare), undefined);
});

test("a test is added to those that there are", () => {
  const text = "---\ntiller.tests:\n  - name: one\n---\nHi";
  const item = { name: "two", input: { x: 1 }, assert: [{ type: "equals", value: "y" }] };
  const after = applyEdits(text, [appendTest(frontMatterText(text), item)!]);
  assert.deepEqual(parse(after).file.frontMatter!.value["tiller.tests"], [{ name: "one" }, item]);
});
