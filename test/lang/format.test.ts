// The formatter: what it changes, that it is content with its own work, and that nothing that is sent ever changes.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import fc from "fast-check";

import { check } from "../../src/lang/check.js";
import { applyEdits } from "../../src/lang/editor/edit.js";
import { formatEdits } from "../../src/lang/format/formatPrompt.js";
import { readMetadata } from "../../src/lang/metadata.js";
import { parse } from "../../src/lang/parser.js";
import { render } from "../../src/lang/render.js";

const format = (text: string) => applyEdits(text, formatEdits(parse(text).file));

for (const [before, after] of [
  ["{{ name }}", "{{name}}"],
  ['{{  role   "user"  }}', '{{role "user"}}'],
  ["{{# if  a }}x{{ else }}y{{/ if }}", "{{#if a}}x{{else}}y{{/if}}"],
  ["{{>tone}} {{>  tone   a = 1 }}", "{{> tone}} {{> tone a=1}}"],
  ["{{#each  items  as  | it  i | }}{{it}}{{/each}}", "{{#each items as |it i|}}{{it}}{{/each}}"],
  ["{{json ( lookup  a  b )  indent = 2}}", "{{json (lookup a b) indent=2}}"],
  ["{{~ name ~}}", "{{~name~}}"],
  ["{{{ raw }}}", "{{{raw}}}"],
  ['{{gen "a  b"  stop = "  x "}}', '{{gen "a  b" stop="  x "}}'],
  ["{{!  a   comment  }} {{!--  {{ x }} --}}", "{{!  a   comment  }} {{!--  {{ x }} --}}"],
  ["\\{{ name }}", "\\{{ name }}"],
  ['{{gen "a"\n  stop="."}}', '{{gen "a"\n  stop="."}}'],
  ["two  spaces   stay {{a}}  \n\n\n", "two  spaces   stay {{a}}  \n\n\n"],
  ["{{#if a}} {{ b }}", "{{#if a}} {{ b }}"],
  [
    "---\nmodel:   x  # which\nconfig: {temperature: 0,   seed: 1}\ninput:\n    schema:\n        a:    string\n---\nHi {{ a }}",
    "---\nmodel: x # which\nconfig: { temperature: 0, seed: 1 }\ninput:\n  schema:\n    a: string\n---\nHi {{a}}",
  ],
  ["---\na: 'x'\nb: \"y\"\n---\nHi", "---\na: 'x'\nb: \"y\"\n---\nHi"],
  ["---\r\na:   1\r\n---\r\nHi\r\n", "---\r\na: 1\r\n---\r\nHi\r\n"],
  ["---\na: [\n---\n{{ x }}", "---\na: [\n---\n{{x}}"],
  ["---\n---\nHi", "---\n---\nHi"],
] as const) {
  test(`${JSON.stringify(before)} becomes ${JSON.stringify(after)}`, () => {
    assert.equal(format(before), after);
    assert.equal(format(after), after);
  });
}

const piece = fc.constantFrom(
  "{{ name }}",
  "{{name}}",
  "{{#if  name }}",
  "{{ else }}",
  "{{/ if}}",
  "{{# each items as | x  i |}}",
  "{{/each}}",
  '{{ role  "model" }}',
  "{{>tone}}",
  '{{> tone  a = "}} x" }}',
  "{{json  ( lookup items 0 ) indent = 2 }}",
  "{{~ name ~}}",
  "{{{ name }}}",
  "{{! a  b }}",
  "{{!-- {{ c }} --}}",
  "\\{{ name }}",
  "\\\\{{ name }}",
  '{{gen "a"  stop = " . " }}',
  "{{ select  'b'  \"x  y\" 'z' }}",
  "{{[odd  name] }}",
  "{{ ../name }}",
  "{{@root . name}}",
  "{{@gen.a }}",
  "{{ this }}",
  "{{^name}}",
  "{{/name}}",
  "{{{{raw}}}} {{ x }} {{{{/raw}}}}",
  "{{",
  "}}",
  "{",
  "}",
  "|",
  "=",
  '"',
  "'",
  "text",
  "  ",
  "\n",
  "é",
);
const heads = fc.constantFrom(
  "",
  "---\nmodel:   x\n---\n",
  "---\n# c\nconfig: {seed: 1}   # d\n\n\nname: 'a'\n---\n",
  "---\ninput: {default: {name: Ada, items: [1, 2]}}\n---\n",
  "---\ndescription: >\n   folded\n   text\n---\n",
  "---\ntext: |\n  a\n   b\n---\n",
  "---\na: &x [1]\nb: *x\n---\n",
  "---\n[\n---\n",
  "---\r\na:  1\r\n---\r\n",
);

test("formatting what is formatted changes nothing, and never what is rendered or reported", () => {
  fc.assert(
    fc.property(heads, fc.array(piece, { maxLength: 12 }), (head, pieces) => {
      const text = head + pieces.join("");
      const formatted = format(text);
      assert.equal(format(formatted), formatted);
      const view = (source: string) => {
        const { file, diagnostics } = parse(source);
        const input = { name: "A  b", items: [1, 2] };
        const { messages } = render(file, { input, partial: () => "p {{ a }}" });
        const plain = JSON.stringify(messages, (key, value: unknown) => (key === "span" ? undefined : value));
        const codes = [...diagnostics, ...check(file)].map((it) => it.code).sort();
        return { plain, codes, raw: readMetadata(file).raw };
      };
      assert.deepEqual(view(formatted), view(text), JSON.stringify([text, formatted]));
    }),
    { numRuns: 2000, seed: Number(process.env["TILLER_FUZZ_SEED"] ?? 1) },
  );
});

test("any text at all is taken", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
      assert.equal(format(format(text)), format(text));
    }),
    { numRuns: 500 },
  );
});

const examples = join(import.meta.dirname, "../../../examples");
for (const name of readdirSync(examples).filter((it) => it.endsWith(".prompt"))) {
  test(`the example ${name} is in form`, () => {
    const text = readFileSync(join(examples, name), "utf8");
    assert.equal(format(text), text);
  });
}
