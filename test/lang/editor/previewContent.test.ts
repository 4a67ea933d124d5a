// What the preview shows of a prompt without a model.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { JsonObject } from "../../../src/base/json.js";
import { check } from "../../../src/lang/check.js";
import { previewContent } from "../../../src/lang/editor/previewContent.js";
import { parse } from "../../../src/lang/parser.js";
import { createTemplateCache } from "../../../src/lang/templateCache.js";

function preview(text: string, input: JsonObject = {}, chosen?: string) {
  const { file, diagnostics } = parse(text);
  return previewContent(file, {
    input,
    test: chosen,
    diagnostics: [...diagnostics, ...check(file)],
    partial: (name) => (name === "tone" ? "Be kind." : undefined),
    shots: (name) => (name === "s.jsonl" ? '{"input": "cold", "output": "bad"}\n' : undefined),
    picture: (name, isGiven) => (name === "cat.png" || isGiven ? `/work/${name}` : undefined),
    data: (name) => (name === "rain.csv" ? { text: "day,mm\nMo,3\n" } : undefined),
    templates: createTemplateCache(),
  });
}

const prompt = `---
input:
  schema:
    topic: string, what it is about
    count?: integer
    mood?(enum): [glad, sad]
    loud?: boolean
    items?(array): string
  default: { mood: sad }
tiller.gen:
  title: { regex: "[A-Z]+", words: { min: 2, max: 5 }, level: check }
tiller.tests:
  - name: rain
    input: { topic: rain }
---
{{> tone}} About {{topic}}.
{{role "model"}}
{{gen "title" hidden=true}}`;

test("messages are those that are sent, with their holes and what these may hold", () => {
  const { messages } = preview(prompt, { topic: "the sea" });
  assert.deepEqual(
    messages.map((it) => [it.role, it.parts[0]!.kind]),
    [
      ["user", "text"],
      ["model", "hole"],
    ],
  );
  assert.deepEqual(messages[0]!.parts, [
    { kind: "text", text: "Be kind. About " },
    { kind: "value", name: "topic", text: "the sea", line: undefined },
    { kind: "text", text: ".\n" },
  ]);
  const hole = messages[1]!.parts.find((it) => it.kind === "hole")!;
  assert.deepEqual(
    [hole.name, hole.constraint, hole.hidden, hole.line, hole.state],
    ["title", "regex [A-Z]+, 2 to 5 words, level: check", true, 17, "open"],
  );
});

test("every declared input has a field of its kind, with its default", () => {
  const { inputs } = preview(prompt);
  assert.deepEqual(
    inputs.map((it) => [it.name, it.kind, it.required, it.value, it.isDefault]),
    [
      ["topic", "text", true, undefined, true],
      ["count", "integer", false, undefined, true],
      ["mood", "choice", false, "sad", true],
      ["loud", "flag", false, undefined, true],
      ["items", "json", false, undefined, true],
    ],
  );
  assert.deepEqual(inputs[2]!.options, ["glad", "sad"]);
  assert.equal(inputs[0]!.description, "what it is about");
});

test("an input that is missing or wrong is said at its field and above", () => {
  const { inputs, problems } = preview(prompt, { count: "many" });
  assert.match(inputs[0]!.problem!, /"topic" is missing/);
  assert.match(inputs[1]!.problem!, /"count" should be an integer/);
  assert.deepEqual(
    problems.filter((it) => it.severity === "error").map((it) => it.line),
    [undefined, undefined],
  );
});

test("the input of a test can be shown instead", () => {
  const { test: name, tests, messages, values } = preview(prompt, { topic: "x" }, "rain");
  assert.deepEqual([name, tests, values], ["rain", ["rain"], { topic: "rain" }]);
  assert.ok(messages[0]!.parts.some((it) => it.kind === "value" && it.text === "rain"));
});

test("errors of the file have their lines", () => {
  const { problems } = preview("---\nmodle: x\n---\n{{#if a}}");
  assert.deepEqual(
    problems.map((it) => [it.severity, it.line]),
    [
      ["error", 3],
      ["warning", 1],
    ],
  );
});

test("a prompt without holes ends with an answer", () => {
  const { messages } = preview("---\noutput: { schema: { a: string } }\n---\nHi");
  const last = messages.at(-1)!;
  assert.equal(last.role, "model");
  assert.deepEqual([last.parts[0]!.kind, (last.parts[0] as { constraint?: string }).constraint], ["hole", "json"]);
});

test("messages of few-shot examples say which one they are and why it was chosen", () => {
  const { messages } = preview("---\ntiller.shots: { file: s.jsonl }\n---\nfine");
  const shots = messages.filter((it) => it.shot !== undefined);
  assert.equal(shots.length, 2);
  assert.deepEqual([shots[0]!.shot!.index, shots[0]!.shot!.of], [0, 1]);
});

const pieces = (text: string, input: JsonObject) =>
  preview(text, input).messages.flatMap((it) =>
    it.parts.map((part) =>
      part.kind === "value" ? `<${part.name}:${part.text}>` : part.kind === "text" ? part.text : "_",
    ),
  );

test("values of the input are told apart from the file's own text, defaults and fields of lists too", () => {
  const head = "---\ninput: {schema: {a: string, b: string, list(array): {t: string}}, default: {b: two}}\n---\n";
  const input = { a: "one", list: [{ t: "x" }, { t: "y" }] };
  assert.deepEqual(pieces(`${head}A {{a}}, {{b}}: {{#each list}}{{t}};{{/each}}`, input), [
    "A ",
    "<a:one>",
    ", ",
    "<b:two>",
    ": ",
    "<list.0.t:x>",
    ";",
    "<list.1.t:y>",
    ";",
    "_",
  ]);
});

test("a value that is compared or cut is not told apart, and what is sent stays the same", () => {
  const head = "---\ninput: {schema: {a: string}}\n---\n";
  assert.deepEqual(pieces(`${head}{{#ifEquals a "one"}}first{{else}}other{{/ifEquals}} {{a}}`, { a: "one" }), [
    "first one",
    "_",
  ]);
});

test("a value that looks like a mark stays a value", () => {
  const head = "---\ninput: {schema: {a: string}}\n---\n";
  const strange = "\ue1000\ue101x\ue102";
  assert.deepEqual(pieces(`${head}{{a}}!`, { a: strange }), [`<a:${strange}>`, "!", "_"]);
});

test("data of a file is shown as it is sent, and a file that is not there is said", () => {
  const text = `---
input:
  schema: { rain: any }
---
{{#each rain}}{{day}}: {{mm}} mm{{/each}}`;
  const shown = preview(text, { rain: { file: "rain.csv" } });
  const texts = shown.messages
    .flatMap((it) => it.parts)
    .map((it) => (it.kind === "hole" ? "" : "text" in it ? it.text : ""));
  assert.equal(texts.join(""), "Mo: 3 mm");
  assert.deepEqual(shown.values, { rain: { file: "rain.csv" } });
  const missing = preview(text, { rain: { file: "snow.csv" } });
  assert.match(missing.problems[0]!.message, /"rain": the file snow.csv cannot be read: there is no such file/);
});

test("what the guide tells is part of what is shown", () => {
  const shown = preview("---\ntiller.guide: { tone: dry }\n---\nHi.");
  assert.deepEqual(shown.messages[0]!.parts, [{ kind: "text", text: "Your tone is dry." }]);
});

test("pictures are found where a run finds them, and values are still told apart", () => {
  const { messages } = preview('{{topic}}{{media url="cat.png"}}{{media url="dog.png"}}{{media url=photo}}', {
    topic: "tea",
    photo: { file: "far/bird.png" },
  });
  const [topic, cat, dog, photo] = messages[0]!.parts;
  assert.deepEqual(topic, { kind: "value", name: "topic", text: "tea", line: undefined });
  assert.deepEqual(cat, { kind: "media", url: "cat.png", picture: { kind: "file", path: "/work/cat.png" } });
  assert.ok(dog?.kind === "media" && dog.picture.kind === "problem");
  assert.match(dog.picture.problem, /^The picture dog\.png was not found\. /);
  const picture = { kind: "file", path: "/work/far/bird.png" };
  assert.deepEqual(photo, { kind: "media", url: "far/bird.png", picture });
});
