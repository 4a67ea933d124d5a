// What is offered where: `|` marks the place, and what must be among the offers stands beside it.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { completions } from "../../../src/lang/editor/completion.js";
import type { Completion } from "../../../src/lang/editor/completionItem.js";
import { parse } from "../../../src/lang/parser.js";

const around = {
  partials: ["tone", "legal/footer"],
  models: [{ name: "small.gguf" }],
  adapters: [{ name: "pirate", detail: "LoRA" }],
};

function offered(text: string): readonly Completion[] {
  const offset = text.indexOf("|");
  return completions(parse(text.replace("|", "")).file, offset, around);
}

const head = `---
input:
  schema:
    topic: string, what it is about
    count?: integer
    mood(enum): [glad, sad]
    items(array):
      name: string
      price?: number
    author(object):
      city: string
tiller.gen:
  title: { words: 3 }
---
`;

const cases: readonly (readonly [place: string, some: readonly string[], none: readonly string[]])[] = [
  // the front matter
  ["---\n|\n---\n", ["model", "input", "tiller.gen"], ["temperature"]],
  ["---\nmo|\n---\n", ["model", "output"], []],
  ["---\nconfig:\n  |\n---\n", ["temperature", "seed"], ["model"]],
  ["---\nconfig: { te| }\n---\n", ["temperature"], ["model"]],
  ["---\nconfig: { seed: 1, | }\n---\n", ["temperature"], []],
  ["---\ninput:\n  |\n---\n", ["schema", "default"], ["format"]],
  ["---\ninput:\n  schema:\n    a: |\n---\n", ["string", "integer"], ["true"]],
  ["---\noutput:\n  format: |\n---\n", ["json", "text"], []],
  ["---\ntiller.gen:\n  title:\n    |\n---\n", ["regex", "words", "temperature", "level"], ["model"]],
  ["---\ntiller.gen:\n  title: { le| }\n---\n", ["level"], []],
  ["---\ntiller.gen:\n  title:\n    level: |\n---\n", ["hard", "check", "prefer"], []],
  ["---\ntiller.gen:\n  title:\n    words: { | }\n---\n", ["min", "max"], []],
  ["---\ntiller.gen:\n  a: { hidden: | }\n---\n", ["true", "false"], []],
  ["---\ntiller.gen:\n  a:\n    words: 3\n  b:\n    |\n---\n", ["regex"], []],
  ["---\nmodel: |\n---\n", ["small.gguf"], []],
  ["---\ntiller.shots: { | }\n---\n", ["file"], ["input"]],
  ["---\ntiller.shots:\n  - |\n---\n", ["input", "output", "when"], ["file", "model"]],
  ["---\ntiller.shots:\n  - { input: a, | }\n---\n", ["output", "tags"], ["file"]],
  ["---\ntiller.shotSelect:\n  |\n---\n", ["strategy", "k", "order"], ["model"]],
  ["---\ntiller.shotSelect: { strategy: | }\n---\n", ["similar", "tags"], ["asc"]],
  ["---\ntiller.shotSelect:\n  order: |\n---\n", ["asc", "nearest-last"], ["similar"]],
  ["---\ninput: {schema: {a: string}}\ntiller.shots:\n  - input:\n      |\n---\n", ["a"], ["input"]],
  ["---\ninput: {schema: {a: string}}\ntiller.shots:\n  - { when: { | } }\n---\n", ["a"], ["when"]],
  ["---\ninput:\n  schema: {a: string}\n  default: { | }\n---\n", ["a"], ["schema"]],
  ["---\ndescription: >\n  mo|\n---\n", [], ["model"]],
  ["---\n# mo|\n---\n", [], ["model"]],
  // the body
  [`${head}{{|}}`, ["topic", "count", "role", "gen", "json"], ["if", "name"]],
  [`${head}{{to|`, ["topic"], ["if"]],
  [`${head}{{#|}}`, ["if", "each", "topic"], ["role"]],
  [`${head}{{#each |}}{{/each}}`, ["items", "topic"], ["role"]],
  [`${head}{{#each items}}{{|}}{{/each}}`, ["name", "price", "this", "../topic"], ["topic"]],
  [`${head}{{#each items}}{{|`, ["name", "price"], ["topic"]],
  [`${head}{{#with author}}{{|}}{{/with}}`, ["city", "../topic"], ["topic"]],
  [`${head}{{author.|}}`, ["author.city"], ["topic", "role"]],
  [`${head}{{#each items}}{{/each}}{{|}}`, ["topic"], ["name"]],
  [`${head}{{#each items}}{{@|}}{{/each}}`, ["@index", "@first", "@gen.title", "@root.topic"], []],
  [`${head}{{@|}}`, ["@gen.title"], ["@index"]],
  [`${head}{{@gen.|}}`, ["@gen.title"], ["@root.topic"]],
  [`${head}{{#if topic}}{{else}}{{|}}{{/if}}`, ["topic"], []],
  [`${head}{{#if topic}}a{{/|}}`, ["if"], ["topic"]],
  [`${head}{{> |}}`, ["tone", "legal/footer"], ["topic"]],
  [`${head}{{>to|`, ["tone"], []],
  [`${head}{{> tone |}}`, ["topic"], ["tone"]],
  [`${head}{{role |}}`, ["system", "user", "model"], []],
  [`${head}{{role "|"}}`, ["system", "model"], ["topic"]],
  [`${head}{{gen "|"}}`, ["title"], ["topic"]],
  [`${head}{{gen "title" |}}`, ["regex", "stop", "level"], ["topic"]],
  [`${head}{{gen "title" level="|"}}`, ["hard", "prefer"], ["topic"]],
  [`${head}{{gen "title" hidden=|}}`, ["true", "false"], []],
  [`${head}{{section "|"}}`, ["gen:title"], []],
  [`${head}{{#if (lookup |)}}{{/if}}`, ["topic", "items"], ["if"]],
  [`${head}{{#if (|)}}{{/if}}`, ["lookup", "topic"], ["if"]],
  [`${head}{{json topic indent=|}}`, ["count"], []],
  // nowhere
  [`${head}Text |`, [], ["topic", "model"]],
  [`${head}{{! to|}}`, [], ["topic"]],
  [`${head}{{topic}} to|`, [], ["topic"]],
  [`${head}\\{{to|}}`, [], ["topic"]],
];

for (const [place, some, none] of cases) {
  test(`at ${JSON.stringify(place.slice(place.indexOf("---\n{{") + 1).slice(-60))}`, () => {
    const labels = offered(place).map((it) => it.label);
    for (const it of some) assert.ok(labels.includes(it), `${it} is not among ${labels.join(" ")}`);
    for (const it of none) assert.ok(!labels.includes(it), `${it} is among them`);
  });
}

test("names after `as` are variables of the block", () => {
  const text = `${head}{{#each items as §it i§}}{{^}}{{/each}}`;
  const source = text.replaceAll("§", "|");
  const offset = source.indexOf("^");
  const labels = completions(parse(source.replace("^", "")).file, offset, around).map((it) => it.label);
  for (const it of ["it", "i", "name"]) assert.ok(labels.includes(it), it);
});

test("an offer has its type, its description, and replaces what was typed", () => {
  const text = `${head}{{to|}}`;
  const item = offered(text).find((it) => it.label === "topic")!;
  assert.deepEqual([item.detail, item.doc, item.kind], ["string", "what it is about", "variable"]);
  assert.deepEqual(item.span, { start: text.indexOf("to|"), end: text.indexOf("|") });
  assert.equal(offered(`${head}{{|}}`).find((it) => it.label === "count")!.detail, "integer, may be missing");
  assert.equal(offered(`${head}{{|}}`).find((it) => it.label === "mood")!.detail, '"glad" | "sad"');
});

test("whatever is typed and wherever, something sensible or nothing is offered", () => {
  const piece = fc.constantFrom(
    "{{",
    "}}",
    "{{#each items}}",
    "{{/each}}",
    "{{>",
    "{{role ",
    '"',
    "'",
    "(",
    ")",
    "=",
    " ",
    "\n",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "a",
    "@gen.",
    "../",
    "|",
    "#",
    "---\n",
    "input:\n  ",
    "é",
    "{{!--",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.boolean(), fc.nat(200), (pieces, withHead, at) => {
      const text = (withHead ? "---\n" : "") + pieces.join("");
      const offset = Math.min(at, text.length);
      for (const { span, insert } of completions(parse(text).file, offset, around)) {
        assert.ok(0 <= span.start && span.start <= offset && span.end <= text.length);
        assert.equal(typeof insert, "string");
      }
    }),
    { numRuns: 1500, seed: Number(process.env["TILLER_FUZZ_SEED"] ?? 1) },
  );
});
