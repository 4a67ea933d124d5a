// Outline, folding, colours, signatures, mends and rewrites.

import assert from "node:assert/strict";
import { test } from "node:test";

import { check } from "../../../src/lang/check.js";
import { applyEdits } from "../../../src/lang/edit.js";
import { codeActions } from "../../../src/lang/editor/codeActions.js";
import { folds } from "../../../src/lang/editor/folding.js";
import { outline, type OutlineItem } from "../../../src/lang/editor/outline.js";
import { makePortable, portability, useShortForms } from "../../../src/lang/editor/portability.js";
import { semanticTokens } from "../../../src/lang/editor/semanticTokens.js";
import { signatureAt } from "../../../src/lang/editor/signature.js";
import { readMetadata } from "../../../src/lang/metadata.js";
import { parse } from "../../../src/lang/parser.js";
import { render } from "../../../src/lang/render.js";

const sample = `---
model: small
input:
  schema:
    topic: string
---
{{role "system"}}
Be kind.
{{role "user"}}
{{#if topic}}
About {{topic}}.
{{/if}}
{{> tone}}
{{role "model"}}
{{gen "title" stop="."}}`;

test("the outline has the settings, the messages, and in them holes and partials", () => {
  const shown = (items: readonly OutlineItem[]): unknown[] =>
    items.map((it) => (it.children.length === 0 ? it.name : [it.name, shown(it.children)]));
  assert.deepEqual(shown(outline(parse(sample).file)), [
    ["front matter", ["model", "input"]],
    "system",
    ["user", ["tone"]],
    ["model", ["title"]],
  ]);
  assert.equal(outline(parse(sample).file)[1]!.detail, "Be kind.");
});

test("text before the first role is a message of the user", () => {
  assert.deepEqual(
    outline(parse('Hi{{role "model"}}').file).map((it) => it.name),
    ["user", "model"],
  );
});

test("front matter, keys, messages and blocks can be folded", () => {
  const { file } = parse(sample);
  const heads = folds(file).map(({ span }) => file.text.slice(span.start, span.end).split("\n")[0]);
  assert.deepEqual(heads, [
    "---",
    "input:",
    "schema:",
    '{{role "system"}}',
    '{{role "user"}}',
    '{{role "model"}}',
    "{{#if topic}}",
  ]);
});

test("words have the colours of what they mean", () => {
  const { file } = parse(sample);
  assert.deepEqual(
    semanticTokens(file).map(({ span, type, declaration }) => [
      file.text.slice(span.start, span.end),
      type,
      declaration,
    ]),
    [
      ["topic", "variable", true],
      ["role", "function", false],
      ["system", "enumMember", false],
      ["role", "function", false],
      ["user", "enumMember", false],
      ["if", "keyword", false],
      ["topic", "variable", false],
      ["topic", "variable", false],
      ["tone", "namespace", false],
      ["role", "function", false],
      ["model", "enumMember", false],
      ["gen", "function", false],
      ["title", "property", true],
    ],
  );
});

for (const [text, label, active] of [
  ["{{json ^}}", "{{json value indent=2}}", "value"],
  ["{{json a ^}}", "{{json value indent=2}}", "indent=2"],
  ["{{#ifEquals a ^}}{{/ifEquals}}", "{{#ifEquals a b}}...{{/ifEquals}}", "b"],
  ['{{role "^"}}', '{{role "system"}}', '"system"'],
] as const) {
  test(`at ${text} the signature is ${label}`, () => {
    const found = signatureAt(parse(text.replace("^", "")).file, text.indexOf("^"))!;
    assert.equal(found.label, label);
    assert.equal(found.parameters[found.active], active);
  });
}

// ------------------------------------------------------------------------------------------------ mends

for (const [title, before, action, after] of [
  ["a mistyped key", "---\nmodle: x\n---\nHi", 'Change to "model"', "---\nmodel: x\n---\nHi"],
  ["a mistyped helper", "{{#ifEqual a b}}{{/ifEqual}}", undefined, undefined],
  [
    "a mistyped variable",
    "---\ninput: {schema: {topic: string}}\n---\n{{topic}} {{tpoic}}",
    'Change to "topic"',
    "---\ninput: {schema: {topic: string}}\n---\n{{topic}} {{topic}}",
  ],
  [
    "a variable that is not declared",
    "---\ninput:\n  schema:\n    topic: string # what\nmodel: x\n---\n{{topic}} {{mood}}",
    'Declare "mood" as a text',
    "---\ninput:\n  schema:\n    topic: string # what\n    mood: string\nmodel: x\n---\n{{topic}} {{mood}}",
  ],
  [
    "a variable that is not declared, in braces",
    "---\ninput: {schema: {topic: string}}\n---\n{{topic}} {{mood}}",
    'Declare "mood" as a text',
    "---\ninput: {schema: {topic: string, mood: string}}\n---\n{{topic}} {{mood}}",
  ],
  [
    "a variable that is not used",
    "---\ninput:\n  schema:\n    topic: string\n    mood: string\n---\n{{topic}}",
    "Remove the variable",
    "---\ninput:\n  schema:\n    topic: string\n---\n{{topic}}",
  ],
] as const) {
  test(`${title} is mended`, () => {
    const { file, diagnostics } = parse(before);
    const all = [...diagnostics, ...check(file, { partial: () => undefined })];
    const found = codeActions(file, all, { start: 0, end: before.length });
    if (action === undefined) return assert.ok(found.every((it) => it.kind === "quickfix"));
    const chosen = found.find((it) => it.title === action) ?? assert.fail(found.map((it) => it.title).join());
    assert.equal(applyEdits(before, chosen.edits), after);
  });
}

test("a partial that is missing can be made", () => {
  const { file } = parse("{{> legal/footer}}");
  const all = check(file, { partial: () => undefined });
  const [action] = codeActions(file, all, { start: 5, end: 5 });
  assert.equal(action!.newPartial, "legal/footer");
});

// ------------------------------------------------------------------------------------------------ portability

const short = `---
# kept
model: small
tiller.gen: { title: { tokens: { max: 9 } } }
---
{{role "model"}}{{gen "title" stop="." temperature=0.5}} {{select "mood" "glad" "sad"}}`;

test("a file is plain, portable or extended", () => {
  assert.equal(portability(parse("---\nmodel: x\n---\n{{a}}").file).level, "plain");
  assert.equal(portability(parse('---\ntiller.gen: {}\n---\n{{section "gen:a"}}').file).level, "portable");
  assert.equal(portability(parse(short).file).level, "extended");
});

test("short forms become sections and settings, and back, and mean the same", () => {
  const { file } = parse(short);
  const portable = applyEdits(short, makePortable(file)!);
  assert.equal(portability(parse(portable).file).level, "portable");
  assert.match(portable, /# kept/);
  assert.match(portable, /\{\{section "gen:title"\}\} \{\{section "gen:mood"\}\}/);
  const back = applyEdits(portable, useShortForms(parse(portable).file)!);
  assert.match(back, /\{\{gen "title" stop="\." temperature=0\.5\}\} \{\{select "mood" "glad" "sad"\}\}/);
  assert.deepEqual(readMetadata(parse(back).file).ext["tiller"], { gen: { title: { tokens: { max: 9 } } } });
  const holes = (text: string) =>
    render(parse(text).file, {}).messages.flatMap(({ parts }) =>
      parts.flatMap((it) => (it.kind === "hole" ? [{ ...it.hole, span: undefined }] : [])),
    );
  assert.deepEqual(holes(portable), holes(short));
  assert.deepEqual(holes(back), holes(short));
});

test("a file without front matter gets one", () => {
  const text = 'Hi {{gen "a" stop="."}}';
  assert.equal(
    applyEdits(text, makePortable(parse(text).file)!),
    '---\ntiller.gen:\n  a:\n    stop: .\n---\nHi {{section "gen:a"}}',
  );
});

test("what cannot be rewritten is left alone", () => {
  assert.equal(makePortable(parse("{{a}}").file), undefined);
  assert.equal(makePortable(parse('---\na: [\n---\n{{gen "x"}}').file), undefined);
  assert.equal(useShortForms(parse('{{gen "x"}}').file), undefined);
});

test("a partial is not rewritten: what its holes need would stand in a front matter, and be sent as text", () => {
  const text = '{{gen "x" regex="[a-z]+"}}';
  const titles = (kind: "prompt" | "partial") =>
    codeActions(parse(text).file, [], { start: 0, end: 0 }, kind).map((it) => it.title);
  assert.deepEqual(titles("prompt"), ["Make Portable"]);
  assert.deepEqual(titles("partial"), []);
});
