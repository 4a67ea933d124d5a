// What a guide does to a prompt: what is told, what holes must keep, and what the second reading leaves out.

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import type { JsonObject } from "../../../src/base/json.js";
import type { Reading } from "../../../src/lang/guide/reading.js";
import { parse } from "../../../src/lang/parser.js";
import { render } from "../../../src/lang/render.js";
import type { RenderedMessage, RenderRequest } from "../../../src/lang/rendered.js";
import { arbitraryPrompt } from "../arbitraryPrompt.js";

test("what is told stands at the end of the system's message", () => {
  const text = prompt("{tone: plain, length: sentence}", '{{role "system"}}You help.{{role "user"}}Hi.');
  assert.deepEqual(shown(text), [
    "system:You help.\n\nYour tone is plain: short sentences and everyday words. Your answer has 1 sentence.",
    "user:Hi.",
  ]);
});

test("without such a message it is one of its own", () => {
  const text = prompt('{audience: children, language: de, include: ["Ada"]}', "Hi.");
  assert.deepEqual(shown(text), [
    "system:You write for children: short sentences and words that a child of ten knows. You write in German. " +
      'Your answer contains "Ada".',
    "user:Hi.",
  ]);
});

test("words of one's own are told as they are", () => {
  assert.deepEqual(shown(prompt("{tone: dry and witty, language: Klingon}", "Hi.")), [
    "system:Your tone is dry and witty. You write in Klingon.",
    "user:Hi.",
  ]);
});

test("what is to be avoided is not told", () => {
  assert.deepEqual(shown(prompt("{avoid: [very], strength: 2}", "Hi.")), ["user:Hi."]);
});

test("the second reading leaves out what the guide tells", () => {
  const text = prompt("{tone: terse, strength: 2}", '{{role "system"}}You help.{{role "user"}}Hi.');
  assert.deepEqual(shown(text, "otherwise"), ["system:You help.", "user:Hi."]);
});

test("where the guide tells nothing, it leaves out the instructions", () => {
  const text = prompt("{strength: 2}", '{{role "system"}}You help.{{role "user"}}Hi.');
  assert.deepEqual(shown(text, "otherwise"), ["user:Hi."]);
});

test("it leaves out both where the instructions are emphasised", () => {
  const text = prompt("{tone: terse, emphasize: instructions}", '{{role "system"}}You help.{{role "user"}}Hi.');
  assert.deepEqual(shown(text, "otherwise"), ["user:Hi."]);
});

test("it leaves out marked text alone, and reads what stands behind else", () => {
  const text = prompt(
    "{tone: terse}",
    '{{role "system"}}You help.{{role "user"}}{{#emphasize}}Facts.{{else}}Nothing.{{/emphasize}} Hi.',
  );
  assert.deepEqual(shown(text), ["system:You help.\n\nYour tone is terse.", "user:Facts. Hi."]);
  assert.deepEqual(shown(text, "otherwise"), ["system:You help.\n\nYour tone is terse.", "user:Nothing. Hi."]);
});

test("it has emphasised variables empty", () => {
  const text = prompt("{emphasize: facts}", "{{#if facts}}Facts: {{facts}}. {{/if}}Hi, {{name}}.");
  const input = { facts: "it rains", name: "Ada" };
  assert.deepEqual(shown(text, "wanted", { input }), ["user:Facts: it rains. Hi, Ada."]);
  assert.deepEqual(shown(text, "otherwise", { input }), ["user:Hi, Ada."]);
});

test("a negative text stands in place of what is emphasised", () => {
  const body = '{{role "system"}}You help.{{role "user"}}Hi.';
  assert.deepEqual(shown(prompt("{negative: You are rude.}", body), "otherwise"), ["system:You are rude.", "user:Hi."]);
  assert.deepEqual(shown(prompt("{negative: Your tone is rude., tone: kind}", body), "otherwise"), [
    "system:You help.\n\nYour tone is rude.",
    "user:Hi.",
  ]);
});

test("emphasised text is marked, and nothing of it is sent twice", () => {
  const [message] = rendered(prompt("{}", "A{{#emphasize}}B{{#keep 1}}C{{/keep}}{{/emphasize}}D"));
  assert.deepEqual(message!.parts, [
    { kind: "text", text: "A" },
    { kind: "text", text: "B", emphasized: true },
    { kind: "text", text: "C", keep: 1, emphasized: true },
    { kind: "text", text: "D" },
  ]);
});

test("a variable that is called emphasize is one", () => {
  const { file } = parse("{{#emphasize}}[{{this}}]{{/emphasize}}{{emphasize.length}}");
  const { messages } = render(file, { input: { emphasize: ["a", "b"] }, reading: "otherwise" });
  assert.deepEqual(messages.map(messageText), ["user:[a][b]2"]);
});

test("holes of free text keep the guide's limits, and their own stand over them", () => {
  const text = prompt(
    "{length: {words: 5}, avoid: [a]}",
    '{{role "model"}}{{gen "x"}}{{gen "y" words=9 avoid="b"}}{{gen "z" int=true}}',
  );
  const holes = rendered(text)
    .at(-1)!
    .parts.flatMap((it) => (it.kind === "hole" ? [it.hole.limits] : []));
  assert.deepEqual(holes, [{ words: { max: 5 }, avoid: ["a"] }, { words: { max: 9 }, avoid: ["a", "b"] }, undefined]);
});

test("in any prompt both readings are one where nothing is emphasised or told", () => {
  const property = fc.property(arbitraryPrompt, (text) => {
    const { file } = parse(text);
    if (file.frontMatter?.value["tiller.guide"] !== undefined || file.text.includes("system")) return;
    const guide = { emphasize: [] } as JsonObject;
    assert.deepEqual(render(file, { reading: "otherwise", guide }).messages, render(file, { guide }).messages);
  });
  fc.assert(property, { numRuns: 200 });
});

function prompt(guide: string, body: string): string {
  return `---\ntiller.guide: ${guide}\n---\n${body}`;
}

function rendered(text: string, request: RenderRequest = {}): readonly RenderedMessage[] {
  const { messages, diagnostics } = render(parse(text).file, request);
  assert.deepEqual(diagnostics, []);
  return messages;
}

function shown(text: string, reading: Reading = "wanted", request: RenderRequest = {}): string[] {
  return rendered(text, { ...request, reading }).map(messageText);
}

function messageText({ role, parts }: RenderedMessage): string {
  return `${role}:${parts.map((it) => (it.kind === "text" ? it.text : `<${it.kind}>`)).join("")}`;
}
