// Formatting: what it changes, and that nothing it does is ever seen by a model.

import assert from "node:assert/strict";
import { test } from "node:test";

import { applyEdits } from "../../src/lang/edit.js";
import { formatEdits, formatPrompt } from "../../src/lang/format/formatPrompt.js";

const tags: readonly (readonly [string, string])[] = [
  ["a {{ name }} b", "a {{name}} b"],
  ["{{  helper   a  b }}", "{{helper a b}}"],
  ['{{gen  "x"  max = 3 }}', '{{gen "x" max=3}}'],
  ['{{gen "a""b"}}', '{{gen "a" "b"}}'],
  ["{{#  if x }}y{{ else }}z{{/ if }}", "{{#if x}}y{{else}}z{{/if}}"],
  ["{{#if a}}1{{ else  if b }}2{{^ }}3{{/if}}", "{{#if a}}1{{else if b}}2{{^}}3{{/if}}"],
  ["{{^  x }}y{{/x}}", "{{^x}}y{{/x}}"],
  ["{{>name}}{{>  name  a = 1}}{{#>  name }}{{/name}}", "{{> name}}{{> name a=1}}{{#> name}}{{/name}}"],
  ["{{f ( a  b )( c ) d = ( e )}}", "{{f (a b) (c) d=(e)}}"],
  ["{{~ a ~}} {{~#if b ~}} {{~ else ~}} {{~/if ~}}", "{{~a~}} {{~#if b~}} {{~else~}} {{~/if~}}"],
  ["{{{ a }}} {{~{ b }~}} {{& c }}", "{{{a}}} {{~{b}~}} {{&c}}"],
  ["{{#each  list  as  | it  i | }}{{ it }}{{/each}}", "{{#each list as |it i|}}{{it}}{{/each}}"],
  ["{{ @index }}{{ @ index }}{{ ../ a }}{{ . }}{{f . ../b}}", "{{@index}}{{@index}}{{../a}}{{.}}{{f . ../b}}"],
  ['{{ a.[b  c].d }}{{ f \'it  "is" }}\' "a  }} b" }}', '{{a.[b  c].d}}{{f \'it  "is" }}\' "a  }} b"}}'],
  ["{{ elsewhere }}{{f true  false null -1.5 }}", "{{elsewhere}}{{f true false null -1.5}}"],
];
for (const [before, after] of tags) {
  test(`white space in ${before}`, () => assert.equal(formatted(before), after));
}

const untouched: readonly (readonly [string, string])[] = [
  ["text outside of tags", "  a  = b  \n\n\n  ( c )  \t\n"],
  ["comments", "{{!  a   b }}{{!-- {{ c }} --}}{{~!  d ~}}"],
  ["raw blocks", "{{{{raw  a = 1 }}}} {{ b }} {{{{raw}}}} {{ c }} {{{{/raw}}}} {{{{/raw}}}}"],
  ["escaped braces", "\\{{ a  b }} \\\\\\{{c}}"],
  ["a template that is not well formed", "{{ a }} {{#if  b }}"],
  ["a file without a front matter", "\uFEFFa"],
];
for (const [name, text] of untouched) test(`${name}: as it was`, () => assert.equal(formatted(text), text));

test("after escaped braces and doubled backslashes tags count again", () => {
  assert.equal(
    formatted("\\{{ a }} {{ b }} \\\\{{ c }} \\{{ d }}\\{{ e }}{{ f }}"),
    "\\{{ a }} {{b}} \\\\{{c}} \\{{ d }}\\{{ e }}{{f}}",
  );
});

test("a tag of several lines keeps them, each two spaces further in", () => {
  assert.equal(
    formatted('- x\n\t{{ gen "a"\nmax = 3\n\n        stop=(f a\n b)\n   }}\n{{ name\n }} {{\n f\n a }}'),
    '- x\n\t{{gen "a"\n\t  max=3\n\t  stop=(f a\n\t    b)\n\t}}\n{{name}} {{f a}}',
  );
});

test("a tag that begins in another's last line is indented as that one is", () => {
  assert.equal(formatted("  {{f a\nb}} {{f a\nb}}"), "  {{f a\n    b}} {{f a\n    b}}");
});

test("line breaks inside of tags are the file's own", () => {
  assert.equal(formatted("{{f a\r\n b}}\r\n"), "{{f a\r\n  b}}\r\n");
});

const frontMatters: readonly (readonly [string, string, string])[] = [
  ["indentation and colons", "a:\n    b:   1\n    c:\n    - x\n    -   y", "a:\n  b: 1\n  c:\n    - x\n    - y"],
  ["collections in one line", "a: {b:  [ 1,2 ], c: {}}", "a: { b: [1, 2], c: {} }"],
  [
    "collections in several lines",
    "a: {b: [1,\n 2],\n c: 3}",
    "a:\n  {\n    b:\n      [\n        1,\n        2\n      ],\n    c: 3\n  }",
  ],
  [
    "comments and blank lines",
    "# one  \n\na:  1 # two \n\n\n# three\nb: 2\n# four",
    "# one\n\na: 1 # two\n\n# three\nb: 2\n# four",
  ],
  [
    "spelling of values",
    "a:  0xFF\nb: 1.50\nc: ~\nd: \"\\u00e9\"\ne: 'x'\nf:\ng: 1_0\nh: +1e3\n'i': True",
    "a: 0xFF\nb: 1.50\nc: ~\nd: \"\\u00e9\"\ne: 'x'\nf:\ng: 1_0\nh: +1e3\n'i': True",
  ],
  ["anchors", "a: &x   {b: 1}\nc:  *x", "a: &x { b: 1 }\nc: *x"],
  [
    "block texts",
    "a:  |\n     x  \n       y\n\n     z\n\n\nb:   >-\n   one\n   two\n\n   three",
    "a: |\n  x  \n    y\n\n  z\n\nb: >-\n  one\n  two\n\n  three",
  ],
  ["kept line breaks", "a:   |+\n   x\n\nb: 1", "a: |+\n  x\n\nb: 1"],
  ["long texts", `a:  ${"word ".repeat(50)}end\nb: one\n      two`, `a: ${"word ".repeat(50)}end\nb: one\n  two`],
  ["kept line breaks at the end", "b:   1\na: |+\n  x\n\n", "b: 1\na: |+\n  x\n\n"],
  ["a comment at the end, with an empty line before it", "b:   1\n\n# x", "b: 1\n\n# x"],
  ["empty items", "a:\n-\n- 1", "a:\n  -\n  - 1"],
  ["block texts in lists", "a:\n- |\n   x\n- b:   |2\n     y", "a:\n  - |\n    x\n  - b: |2\n       y"],
];
for (const [name, before, after] of frontMatters) {
  test(`front matter, ${name}`, () => assert.equal(formatted(`---\n${before}\n---\nx\n`), `---\n${after}\n---\nx\n`));
}

test("a front matter with errors stays, its body does not", () => {
  assert.equal(formatted("---\na:   [1\n---\n{{ a }}\n"), "---\na:   [1\n---\n{{a}}\n");
});

test("a front matter keeps its line breaks, byte order mark and what stands above it", () => {
  assert.equal(
    formatted("\uFEFF# licence\r\n--- \r\na:   1\r\n---\t\r\nx"),
    "\uFEFF# licence\r\n---\r\na: 1\r\n---\r\nx\r\n",
  );
});

test("a last line break is added below a front matter, where white space is not sent", () => {
  assert.equal(formatted("---\na: 1\n---\nx "), "---\na: 1\n---\nx \n");
});

test("files of other tools and without an end of the front matter are refused", () => {
  assert.deepEqual(formatPrompt("<system>{{ a }}</system>"), { refused: "this is not a Dotprompt file (tags)" });
  assert.deepEqual(formatPrompt("---\na:   1\n"), { refused: "the front matter has no end" });
  assert.deepEqual(formatEdits("---\na:   1\n"), []);
});

test("a body is never made into a front matter or another tool's file", () => {
  for (const text of ["# {{ a\n}}\n---\n{{ b }}", "model: {{ a\n}}\nkey: b"]) assert.equal(formatted(text), text);
});

test("of a partial only tags change, for all of its text is sent", () => {
  const text = "---\na:   1\n---\n{{ b }}";
  assert.deepEqual(formatPrompt(text, "partial"), { text: "---\na:   1\n---\n{{b}}" });
});

test("edits touch only what changes", () => {
  const text = "---\na: 1\nb:   2\nc: 3\n---\nx {{ y }}\n";
  const edits = formatEdits(text);
  assert.deepEqual(
    edits.map((it) => [text.slice(it.span.start, it.span.end), it.text]),
    [
      ["  ", ""],
      [" ", ""],
      [" ", ""],
    ],
  );
  assert.equal(applyEdits(text, edits), formatted(text));
});

function formatted(text: string): string {
  const result = formatPrompt(text);
  return "text" in result ? result.text : assert.fail(result.refused);
}
