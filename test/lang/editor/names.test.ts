// Where names are defined and used, across files, and what renaming them changes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { applyEdits } from "../../../src/lang/edit.js";
import { isTaken, nameProblem, references, type KnownFile, type Workspace } from "../../../src/lang/editor/rename.js";
import { symbolAt } from "../../../src/lang/editor/occurrences.js";
import { parse } from "../../../src/lang/parser.js";

/** Files by name; `^` marks the place in the first. Partials are `_name`. */
function workspace(texts: Readonly<Record<string, string>>) {
  const [first] = Object.entries(texts);
  const offset = first![1].indexOf("^");
  const files = Object.entries(texts).map(([id, text]): KnownFile => ({ id, file: parse(text.replace("^", "")).file }));
  const found: Workspace = { files, partial: (_, name) => files.find((it) => it.id === `_${name}`) };
  return { files: found, from: files[0]!, offset };
}

function renamed(texts: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  const { files, from, offset } = workspace(texts);
  const places = references(files, from, offset);
  return Object.fromEntries(
    files.files.map(({ id, file }) => [
      id,
      applyEdits(
        file.text,
        places.filter((it) => it.id === id).map(({ span }) => ({ span, text: name })),
      ),
    ]),
  );
}

test("a variable is renamed where it is declared, given, and used, and not where a word only looks like it", () => {
  const prompt = `---
input:
  schema:
    topic?(enum, what): [topic, b]
    other: string
  default: { topic: topic }
tiller.tests:
  - name: topic
    input: { "topic": b, other: topic }
---
topic {{to^pic}} {{#if topic}}{{topic.x}}{{/if}} {{#each list}}{{../topic}} {{topic}}{{/each}} {{@root.topic}}
{{#ifEquals topic "topic"}}{{/ifEquals}} {{json value=topic}}`;
  assert.deepEqual(renamed({ "a.prompt": prompt }, "theme"), {
    "a.prompt": `---
input:
  schema:
    theme?(enum, what): [topic, b]
    other: string
  default: { theme: topic }
tiller.tests:
  - name: topic
    input: { "theme": b, other: topic }
---
topic {{theme}} {{#if theme}}{{theme.x}}{{/if}} {{#each list}}{{../theme}} {{topic}}{{/each}} {{@root.topic}}
{{#ifEquals theme "topic"}}{{/ifEquals}} {{json value=theme}}`,
  });
});

test("a variable of JSON Schema is renamed under `properties`", () => {
  const prompt = "---\ninput:\n  schema:\n    type: object\n    properties:\n      a^b: {type: string}\n---\n{{ab}}";
  assert.equal(
    renamed({ x: prompt }, "c")["x"],
    "---\ninput:\n  schema:\n    type: object\n    properties:\n      c: {type: string}\n---\n{{c}}",
  );
});

test("a variable is renamed in the partials that get it, and in the other prompts that use these", () => {
  const files = {
    "a.prompt": "---\ninput: {schema: {name: string}}\n---\n{{na^me}} {{> hello}}",
    _hello: "Hello {{name}}",
    "b.prompt": "{{> hello}} {{name}}",
    "c.prompt": "{{name}}",
  };
  assert.deepEqual(renamed(files, "who"), {
    "a.prompt": "---\ninput: {schema: {who: string}}\n---\n{{who}} {{> hello}}",
    _hello: "Hello {{who}}",
    "b.prompt": "{{> hello}} {{who}}",
    "c.prompt": "{{name}}",
  });
});

test("a hole is renamed in its settings, its tag and its uses, in this file only", () => {
  const files = {
    a: `---\ntiller.gen:\n  ti^tle: { stop: title }\n---\n{{gen "title"}} {{@gen.title}} {{section "gen:title"}} title {{#ifEquals @gen.title "title"}}{{/ifEquals}}`,
    b: '{{gen "title"}}',
  };
  assert.deepEqual(renamed(files, "head"), {
    a: `---\ntiller.gen:\n  head: { stop: title }\n---\n{{gen "head"}} {{@gen.head}} {{section "gen:head"}} title {{#ifEquals @gen.head "title"}}{{/ifEquals}}`,
    b: '{{gen "title"}}',
  });
});

test("a partial is renamed in every file that uses it", () => {
  const files = { a: "{{> to^ne}} tone", b: "{{>tone x=1}}{{> other}}{{#> tone}}{{/tone}}", _tone: "Be kind." };
  const places = (({ files: all, from, offset }) => references(all, from, offset))(workspace(files));
  assert.deepEqual(
    places.map((it) => it.id),
    ["a", "b", "b"],
  );
});

test("a place without a name has no references", () => {
  const { from } = workspace({ a: "Hello {{name}} ^you" });
  assert.equal(symbolAt(from.file, 2), undefined);
});

test("a name must be one that a template can say, and that is not taken", () => {
  assert.equal(nameProblem("variable", "a_b-1"), undefined);
  for (const it of ["", "1a", "a b", "a.b", "{{"]) assert.ok(nameProblem("hole", it) !== undefined, it);
  assert.match(nameProblem("variable", "if")!, /helper/);
  assert.equal(nameProblem("partial", "legal/footer"), undefined);
  assert.ok(nameProblem("partial", "../x") !== undefined);
  const { files, from } = workspace({ a: "{{x}}{{y}}" });
  assert.equal(isTaken(files, from, { kind: "variable", name: "x" }, "y"), true);
  assert.equal(isTaken(files, from, { kind: "variable", name: "x" }, "z"), false);
});
