// What a guide asks of a text: prompts, and limits that are kept whatever the model would like.

import assert from "node:assert/strict";
import { test } from "node:test";

import { compileMachine } from "../../../src/constraint/constraint.js";
import { explain } from "../../../src/constraint/explain.js";
import { expressionProblem } from "../../../src/lang/guide/expressionProblem.js";
import { forms, lengths, limitsOf, type Guide } from "../../../src/lang/guide/guide.js";
import { guidedRequest } from "../../../src/lang/guide/guidedPrompt.js";
import { tones } from "../../../src/lang/guide/presets.js";

const before = { kind: "continue", before: "The sea" } as const;

test("without a guide the text itself is the prompt", () => {
  assert.deepEqual(guidedRequest({}, before), { prompt: { type: "text", text: "The sea" }, heal: true });
});

for (const { id } of tones)
  test(`the tone "${id}" is told, the text stays open, and the other prompt differs in the tone alone`, () => {
    const { prompt, guidance } = guidedRequest({ tone: id }, before);
    assert.ok(
      prompt.type === "messages" && guidance?.kind === "classifier-free" && guidance.otherwise.type === "messages",
    );
    assert.equal(prompt.continueLast, true);
    assert.match(prompt.messages[0]!.content, new RegExp(id));
    assert.doesNotMatch(guidance.otherwise.messages[0]!.content, new RegExp(id));
    assert.deepEqual(guidance.otherwise.messages.slice(1), prompt.messages.slice(1));
  });

test("strength 1 has no second prompt", () => {
  assert.equal(guidedRequest({ tone: "formal", strength: 1 }, before).guidance, undefined);
});

test("a selection is written again as an answer of its own", () => {
  const { prompt } = guidedRequest({}, { kind: "replace", selected: "Old words" });
  assert.ok(prompt.type === "messages" && prompt.continueLast === undefined);
  assert.match(prompt.messages.at(-1)!.content, /Old words$/);
});

const kept: readonly (readonly [guide: Guide, accepted: string, rejected: string])[] = [
  [{ length: "phrase" }, " was calm and blue", " one two three four five six seven eight nine"],
  [{ length: "sentence" }, " was calm.", " was calm. And blue."],
  [{ length: "paragraph" }, " was calm. It was blue.", " was calm."],
  [{ length: "sentence", form: { kind: "line" } }, " was calm.", " was\ncalm."],
  [{ form: { kind: "list" } }, "\n- one thing\n- two things", "one thing"],
  [{ form: { kind: "number" } }, " 12.5", " twelve"],
  [{ form: { kind: "json" } }, '{"a": [1]}', "12"],
  [{ form: { kind: "regex", source: "[a-c]+" } }, "abc", "abd"],
];
for (const [guide, accepted, rejected] of kept)
  test(`${JSON.stringify(guide)} is kept`, () => {
    const machine = compileMachine(limitsOf(guide).constraint!);
    assert.equal(explain(machine, accepted).verdict, "accepted");
    assert.notEqual(explain(machine, rejected).verdict, "accepted");
  });

test("every length and form has a test of its own", () => {
  const named = JSON.stringify(kept.map(([guide]) => guide));
  for (const { id } of [...lengths, ...forms]) assert.ok(named.includes(`"${id}"`), id);
});

test("an expression that cannot be kept is told while it is typed", () => {
  assert.equal(expressionProblem("[a-z]+"), undefined);
  assert.match(expressionProblem("(a)\\1")!, /back reference|\\1/i);
  assert.match(expressionProblem("(a")!, /\S/);
});

test("words that are never written are kept beside lengths, and not inside of values", () => {
  const always = { avoid: ["very"], bias: { fine: 2 } };
  const text = { kind: "continue", before: "It is" } as const;
  const free = guidedRequest({}, text, always);
  assert.deepEqual(free.wordBias, { fine: 2 });
  assert.deepEqual(free.constraint, { kind: "all", items: [{ kind: "text", limits: { avoid: ["very"] } }], stop: [] });
  const sentence = guidedRequest({ length: "sentence" }, text, always).constraint;
  assert.equal(sentence?.kind === "all" ? sentence.items.length : 0, 2);
  assert.equal(guidedRequest({ form: { kind: "number" } }, text, always).constraint?.kind, "regex");
});
