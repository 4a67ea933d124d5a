// What a hover over a hole says, in the body and in the front matter.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { acceptsText } from "../../../src/constraint/automaton.js";
import { regexLanguage } from "../../../src/constraint/language.js";
import { completions } from "../../../src/lang/editor/completion.js";
import { hover } from "../../../src/lang/editor/hover.js";
import { frontMatterKeys } from "../../../src/lang/frontMatterSchema.js";
import type { KeyInfo } from "../../../src/lang/keyInfo.js";
import { parse } from "../../../src/lang/parser.js";
import { allNodes } from "../../../src/lang/walk.js";
import { arbitraryPrompt, brokenPrompt } from "../arbitraryPrompt.js";

/** `|` in the text marks the place. */
function hoverAt(text: string) {
  const offset = text.indexOf("|");
  const source = text.replace("|", "");
  const found = hover(parse(source).file, offset);
  return found && { ...found, text: source.slice(found.span.start, found.span.end) };
}

test("a hole of the body shows its constraint, its limits and what would be accepted", () => {
  const source = "[A-Z]{2}-[0-9]{1,3}";
  const found = hoverAt(`---\ntiller.gen: {id: {tokens: 9}}\n---\nId: {{g|en "id" regex="${source}" stop=";"}}.`)!;
  assert.equal(found.text, `{{gen "id" regex="${source}" stop=";"}}`);
  assert.match(found.markdown, /\*\*Hole `id`\*\*: text that matches `\[A-Z\]\{2\}-\[0-9\]\{1,3\}`/);
  assert.match(found.markdown, /- at most 9 tokens\n- ends before `";"`/);
  assert.match(found.markdown, /Kept token by token/);
  const examples = /~~~~text\n([^]*?)\n~~~~/.exec(found.markdown)![1]!.split("\n");
  assert.ok(2 <= examples.length);
  const language = regexLanguage(`(?:${source});?`, { whole: true });
  for (const it of examples) assert.ok(acceptsText(language, it), it);
  assert.match(found.markdown, /At least 4 bytes/);
});

test("settings in the front matter show the same", () => {
  const found = hoverAt(`---\ntiller.gen:\n  mood: { ch|oice: [good, bad], scores: true }\n---\n{{gen "mood"}}`)!;
  assert.equal(found.text, "mood: { choice: [good, bad], scores: true }");
  assert.match(found.markdown, /one of `good`, `bad`/);
  assert.match(found.markdown, /~~~~text\nbad\ngood\n~~~~/);
});

test("`$output` shows texts of the output schema, and `check` says that nothing is masked", () => {
  const found = hoverAt(
    '---\noutput: {schema: {ok: boolean}}\n---\n{{role "model"}}{{gen "x" json="$output" level="check"|}}',
  )!;
  assert.match(found.markdown, /JSON of `output\.schema`/);
  assert.match(found.markdown, /Checked when it is written/);
  assert.match(found.markdown, /\{"ok":true\}/);
});

test("what cannot be kept says why", () => {
  const found = hoverAt('{{role "model"}}{{gen "x" regex="(a)\\1"|}}')!;
  assert.match(found.markdown, /back reference/);
});

test("free text has no examples, and other places say nothing", () => {
  assert.doesNotMatch(hoverAt('{{gen "x"|}}')!.markdown, /Accepted/);
  assert.equal(hoverAt("Hello |you"), undefined);
  assert.equal(hoverAt("---\nmodel: |x\n---\nHi"), undefined);
});

const head = `---
model: small
input:
  schema:
    topic: string, what it is about
    items(array):
      price?: number, in cents
  default: { topic: rain }
output:
  schema: { ok: boolean }
---
`;

for (const [place, text, ...says] of [
  ["{{to^pic}}", "topic", /`topic`\*\*: string\n\nwhat it is about\n\nDefault, from `input.default`: `"rain"`/],
  ["{{#each items}}{{pr^ice}}{{/each}}", "price", /`price`\*\*: number\n\nin cents/],
  ["{{#ea^ch items}}{{/each}}", "each", /Once for every item/],
  ['{{ro^le "user"}}', "role", /belongs to a message of this role/],
  ["{{> fo^oter}}", "footer", /Partial `footer`[^]*Bye/],
  ["{{> no^where}}", "nowhere", /no such file/],
  ["{{ot^her}}", "other", /does not declare\n\nGiven by each run/],
  ["{{it^ems}}", "items", /`items`\*\*: list of object\n\nGiven by each run/],
  ["{{#each items}}{{pr^ice}}{{/each}}", "price", /in cents\n\nFrom each item of `items`, in line 12\./],
  ["{{#each items}}{{un^known}}{{/each}}", "unknown", /^\*\*`unknown`\*\*\n\nFrom each item of `items`/],
  ["{{#each items}}{{th^is}}{{/each}}", "this", /`this`\*\*: object\n\nEach item of `items`, in line 12\./],
  ["{{#each items}}{{^.}}{{/each}}", ".", /`.`\*\*: object\n\nEach item/],
  ["{{#each items}}{{this.pr^ice}}{{/each}}", "this.price", /: number\n\nin cents\n\nFrom each item/],
  ["{{#each items}}\n{{#with x}}{{../pr^ice}}{{/with}}{{/each}}", "../price", /in cents\n\nFrom each item of `items`/],
  ["{{#each items}}\n{{#with x}}{{y^}}{{/with}}{{/each}}", undefined],
  ["{{#each items}}\n{{#with x}}{{^y}}{{/with}}{{/each}}", "y", /From `x`, in line 13\./],
  ["{{#each items}}{{../to^pic}}{{/each}}", "topic", /what it is about/],
  ["{{#each items}}a{{else}}{{to^pic}}{{/each}}", "topic", /what it is about/],
  ["{{#each items as §it i§}}{{i^t}}{{/each}}", "it", /`it`\*\*: object\n\nEach item of `items`/],
  ["{{#each items as §it i§}}{{it.pri^ce}}{{/each}}", "it.price", /: number\n\nin cents\n\nFrom each item of `items`/],
  [
    "{{#each items}}{{@in^dex}}{{/each}}",
    "@index",
    /the number of the item[^]*Of the walk through `items`, in line 12\./,
  ],
  ["{{#each items}}{{^@first}}{{/each}}", "@first", /Of the walk through `items`/],
  ["{{#shots}}{{in^put}}{{/shots}}", "input", /the input of this example\n\nFrom each item of `tiller.shots`/],
  ["{{#shots}}{{input.to^pic}}{{/shots}}", "input.topic", /: string\n\nwhat it is about/],
  ["{{@root.to^pic}}", "@root.topic", /`topic`\*\*: string\n\nwhat it is about/],
  ['{{gen "x" words=3}}\n{{@gen.^x}}', "x", /hole `x`[^]*in line 12:\n\n~~~~handlebars\n\{\{gen "x" words=3\}\}/],
  ["{{@gen.^x}}", "x", /No hole of this file/],
  ['{{f "a^."}}', undefined],
  ["{{#each items}}a ^b{{/each}}", undefined],
] as readonly (readonly [place: string, text: string | undefined, ...says: readonly RegExp[]])[]) {
  test(`over ${place} stands ${text === undefined ? "nothing" : "what it is, and where it comes from"}`, () => {
    const source = (head + place).replaceAll("§", "|");
    const offset = source.indexOf("^");
    const { file } = parse(source.replace("^", ""));
    const found = hover(file, offset, (name) => (name === "footer" ? "Bye" : undefined));
    if (text === undefined) return assert.equal(found, undefined);
    assert.ok(found);
    assert.equal(file.text.slice(found.span.start, found.span.end), text);
    for (const it of says) assert.match(found.markdown, it);
  });
}

for (const [line, says] of [
  ["mod^el: small", /The model to run with/],
  ["  sch^ema:", /As JSON Schema:[^]*"topic": \{/],
  ["    to^pic: string, what it is about", /`topic`\*\*: string/],
  ["      pri^ce?: number, in cents", /`items.price`\*\*: number/],
  ["  schema: { o^k: boolean }", /`ok`\*\*: boolean/],
] as const) {
  test(`over the front matter's ${line.trim()} stands what it is`, () => {
    const source = head.replace(line.replace("^", ""), line);
    const found = hover(parse(source.replace("^", "")).file, source.indexOf("^"))!;
    assert.match(found.markdown, says);
  });
}

for (const [line, says] of [
  [
    "tiller.shots:\n  - { inp^ut: { topic: x }, output: y }",
    /`tiller.shots.input`\*\*: Values of the prompt's variables/,
  ],
  ["tiller.shots:\n  - { input: { to^pic: x }, output: y }", /`topic`\*\*: string\n\nwhat it is about/],
  ["tiller.shots:\n  - { input: a, output: y, when: { to^pic: x } }", /`topic`\*\*: string/],
  ["tiller.shots: { fi^le: a.jsonl }", /with an example on each line/],
  ["tiller.shotSelect: { str^ategy: tags }", /One of `first`, `random`, `similar`, `tags`\.\n\nDefault: first/],
] as const) {
  test(`over ${line} stands what it is`, () => {
    const source = head.replace("model: small", line);
    const found = hover(parse(source.replace("^", "")).file, source.indexOf("^"))!;
    assert.match(found.markdown, says);
  });
}

test("over a setting in a tag stands what it is, above its hole", () => {
  assert.match(hoverAt('{{gen "x" wo|rds=3}}')!.markdown, /^\*\*`words`\*\*: Words: the most[^]*\*\*Hole `x`/);
  assert.match(hoverAt('{{gen "x" words=|3}}')!.markdown, /^\*\*Hole `x`/);
});

/** Lines of YAML down to each key of the table, and without the key. */
function placesOf(keys: readonly KeyInfo[], above: string, indent: string): readonly (readonly [KeyInfo, string])[] {
  return keys.flatMap((info) => {
    const { key, children = [], known = [], named = [], items = [] } = info;
    const head = `${above}${key}:\n${indent}  `;
    return [
      [info, above] as const,
      ...placesOf([...children, ...known], head, `${indent}  `),
      ...placesOf(named, `${head}x:\n${indent}    `, `${indent}    `),
      ...placesOf(items, `${head}- `, `${indent}    `),
    ];
  });
}

test("completion offers every key of the front matter, and over each of them stands what it is", () => {
  const around = { partials: [], models: [], adapters: [] };
  const places = placesOf(frontMatterKeys, "---\n", "");
  assert.ok(100 < places.length);
  for (const [{ key, doc }, above] of places) {
    const offered = completions(parse(`${above}\n---\nHi`).file, above.length, around);
    assert.ok(
      offered.some((it) => it.label === key),
      `${above}${key} is not offered`,
    );
    const found = hover(parse(`${above}${key}:\n---\nHi`).file, above.length);
    assert.ok(found?.markdown.includes(doc), `${above}${key}: ${found?.markdown}`);
  }
});

test("over a parameter of a partial stands what each of its callers gives", () => {
  const callers = [
    "{{> part name=topic}}",
    '{{> part name="x"}}',
    "{{> part (lookup a b)}}",
    "{{#each items}}\n{{> part}}\n{{/each}}",
    "{{> part author}}",
    "{{> part}}",
  ];
  const calls = callers.map((body, i) => {
    const { file } = parse(
      `---\ninput: {schema: {topic: string, author: {name: string}, items(array): string}}\n---\n${body}`,
    );
    const call = allNodes(file.body.nodes).find((it) => it.kind === "partial");
    return { label: `${i}.prompt`, file, call: call! };
  });
  const { file } = parse("By {{name}}");
  const text = hover(file, 6, undefined, calls)!.markdown;
  assert.deepEqual(text.split("\n").slice(2), [
    "- `0.prompt`, line 4: `name=topic`, string",
    '- `1.prompt`, line 4: `name="x"`',
    "- `2.prompt`, line 4: the field `name` of `(lookup a b)`",
    "- `3.prompt`, line 5: the field `name` of each item of `items`, in line 4",
    "- `4.prompt`, line 4: the field `name` of `author`, string",
    "- and 1 more",
  ]);
  assert.match(hover(file, 6, undefined, [])!.markdown, /No prompt uses it/);
});

test("over any place of any text stands something or nothing", () => {
  fc.assert(
    fc.property(fc.oneof(arbitraryPrompt, brokenPrompt), fc.array(fc.nat(300), { maxLength: 6 }), (text, places) => {
      const { file } = parse(text);
      for (const it of places) {
        const offset = it % (text.length + 1);
        for (const found of [hover(file, offset), hover(file, offset, undefined, [])]) {
          if (found === undefined) continue;
          assert.ok(0 <= found.span.start && found.span.start < found.span.end && found.span.end <= text.length);
          assert.notEqual(found.markdown, "");
        }
      }
    }),
    { numRuns: 1000, seed: Number(process.env["TILLER_FUZZ_SEED"] ?? 1) },
  );
});
