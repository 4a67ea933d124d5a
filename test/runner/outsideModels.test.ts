// Variants of models that the engine does not have: whoever listens is asked, and what such a model cannot keep is refused.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { CellResult, CompareEvent, CompareResult, Variant } from "../../src/protocol/compare.js";
import type { OutsideAnswer, OutsideRequest } from "../../src/protocol/outside.js";
import { createComparer } from "../../src/runner/compare/createComparer.js";
import { nodeFiles } from "../../src/runner/nodeFiles.js";
import { fakeEngine } from "./fakeEngine.js";

const model = { path: "/models/one.gguf" };
const outside = { path: "vscode-lm:acme/acme-1" };
const never = new AbortController().signal;
const ignore = () => undefined;

type Part = OutsideAnswer extends infer A ? (A extends OutsideAnswer ? Omit<A, "ask"> : never) : never;
const done = { kind: "done", finish: "stop", promptTokens: 9, tokens: 2 } as const;
const texts = (...all: readonly string[]): readonly Part[] => [...all.map((text) => ({ kind: "text", text }) as const), done]; // prettier-ignore

interface Outcome {
  readonly result: CompareResult;
  readonly asked: readonly OutsideRequest[];
  readonly events: readonly CompareEvent[];
  readonly cell: CellResult;
}

/** Runs a local variant, which writes "local", beside one of another extension's model, which answers so. */
async function compare(
  text: string,
  answers: readonly Part[],
  settings: Partial<Variant> = {},
  signal = never,
): Promise<Outcome> {
  const comparer = createComparer({ engine: { ...fakeEngine(["local"]), unload: () => Promise.resolve(true) }, files: nodeFiles }); // prettier-ignore
  const asked: OutsideRequest[] = [];
  const events: CompareEvent[] = [];
  const variants = [
    { id: "a", label: "Local", prompt: { path: "/w/a.prompt", text: "Hello" } },
    { id: "b", label: "Acme", model: outside, ...settings },
  ];
  const request = { path: "/w/a.prompt", text, variants, model, asksOutside: true, seeds: [3] };
  const result = await comparer.compare(
    request,
    (event) => {
      events.push(event);
      if (event.type !== "outside") return;
      asked.push(event.request);
      void (async () => {
        for (const it of answers) {
          await Promise.resolve();
          await comparer.answerOutside({ ...it, ask: event.request.ask } as OutsideAnswer, ignore, never);
        }
      })();
    },
    signal,
  );
  return { result, asked, events, cell: result.cells.find((it) => it.variant === "b")! };
}

test("a model of another extension is asked with the messages and what it knows of sampling, and streams into its cell", async () => {
  const prompt = '---\nconfig: {temperature: 0.4, topP: 0.9, maxOutputTokens: 20}\n---\n{{role "system"}}Be brief.{{role "user"}}Hello'; // prettier-ignore
  const { asked, cell, events, result } = await compare(prompt, texts("Good", " day"));
  const [{ ask: _, ...request }] = asked as [OutsideRequest];
  assert.deepEqual(request, {
    path: outside.path,
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hello" },
    ],
    ...{ temperature: 0.4, topP: 0.9, maxTokens: 20 },
  });
  assert.ok(cell.status === "finished" && cell.text === "Good day");
  assert.deepEqual([cell.metrics.promptTokens, cell.metrics.tokens], [9, 2]);
  assert.deepEqual(events.flatMap((it) => (it.type === "text" && it.cell.variant === "b" ? [it.text] : [])), ["Good", " day"]); // prettier-ignore
  assert.equal(result.variants[1]!.model, "acme-1");
  assert.ok(result.cells[0]!.status === "finished");
});

test("a stop text ends it, is never told in part, and no more of the answer is asked for", async () => {
  const { cell, events } = await compare("---\nconfig: {stopSequences: [END]}\n---\nHi", texts("one E", "N", "D two"));
  assert.ok(cell.status === "finished" && cell.text === "one ");
  assert.equal(events.flatMap((it) => (it.type === "text" && it.cell.variant === "b" ? [it.text] : [])).join(""), "one "); // prettier-ignore
  assert.equal(events.filter((it) => it.type === "outside-enough").length, 1);
});

test("a form is checked and not enforced: what has it is a result, also in a block of Markdown, and what has not fails", async () => {
  const json = "---\noutput: {schema: {city: string}}\n---\nWhere?";
  const good = await compare(json, texts('```json\n{"city": "Rome"}\n```'));
  assert.ok(good.cell.status === "finished");
  assert.deepEqual(good.cell.value, { city: "Rome" });
  assert.deepEqual(good.cell.validity, { valid: 1, holes: 1, problems: [] });
  const bad = await compare(json, texts("It is Rome."));
  assert.ok(bad.cell.status === "failed" && bad.cell.code === "check-failed");
  assert.match(bad.cell.message, /acme-1 cannot be held to a form, so what it wrote was checked, and it is not JSON/);
  assert.match(bad.cell.message, /It is Rome\./);
});

test("what it cannot keep is refused by name, before anything is sent", async () => {
  const cases: readonly (readonly [string, Partial<Variant>, RegExp])[] = [
    ["Hi", { sampling: { topK: 4, noRepeatNgram: 2 } }, /keep `topK`, `noRepeatNgram`/],
    ['{{role "model"}}Well, {{gen "a"}}', {}, /go on in the middle of its own message/],
    ['---\n---\n{{role "model"}}{{select "a" "yes" "no" scores=true}}', {}, /how likely each option is/],
    ["Hi", { guide: { bias: { sea: 2 } } }, /be biased towards words/],
  ];
  for (const [text, settings, message] of cases) {
    const { cell, asked } = await compare(text, texts("x"), settings);
    assert.ok(cell.status === "failed" && cell.code === "model-unsupported", text);
    assert.match(cell.message, message);
    assert.equal(asked.length, 0, text);
  }
});

test("what went wrong outside stands in the cell, and the others are finished", async () => {
  const { cell, result } = await compare("Hi", [
    { kind: "text", text: "So" },
    { kind: "failed", message: "You have not allowed Tiller to use acme-1." },
  ]);
  assert.ok(cell.status === "failed" && /not allowed/.test(cell.message));
  assert.deepEqual(cell.output.map((it) => it.text), ["So"]); // prettier-ignore
  assert.equal(result.cells[0]!.status, "finished");
});

test("stopping ends what is asked outside, and keeps the text so far", async () => {
  const controller = new AbortController();
  const slow = compare("Hi", [{ kind: "text", text: "half" }], {}, controller.signal);
  await new Promise((resolve) => setTimeout(resolve, 50));
  controller.abort();
  const { cell, events } = await slow;
  assert.equal(cell.status, "stopped");
  assert.deepEqual(cell.output.map((it) => it.text), ["half"]); // prettier-ignore
  assert.equal(events.filter((it) => it.type === "outside-enough").length, 1);
});

test("where nobody asks outside, as on the command line, it is refused with where it can be asked", async () => {
  const comparer = createComparer({ engine: { ...fakeEngine(["local"]), unload: () => Promise.resolve(true) }, files: nodeFiles }); // prettier-ignore
  const variants = [
    { id: "a", label: "Local" },
    { id: "b", label: "Acme", model: outside },
  ];
  const { cells } = await comparer.compare({ path: "/w/a.prompt", text: "Hi", variants, model }, ignore, never);
  const cell = cells[1]!;
  assert.ok(cell.status === "failed" && /can be asked from the Compare view alone/.test(cell.message));
});
