// Few-shot examples in a run: read from their file, chosen once, and dropped whole where there is too little room.

import assert from "node:assert/strict";
import { test } from "node:test";

import { TillerError, type ErrorCode } from "../../src/base/error.js";
import type { JsonObject } from "../../src/base/json.js";
import type { Engine } from "../../src/protocol/engine.js";
import { preview } from "../../src/runner/preview.js";
import type { PromptFiles } from "../../src/runner/promptFiles.js";
import { createPromptRunner } from "../../src/runner/promptRunner.js";
import { fakeEngine } from "./fakeEngine.js";

const lines = '{"input":"late parcel","output":"shipping"}\n{"input":"late bill","output":"billing"}\n';
const similar = "---\ntiller.shots: {file: s.jsonl}\ntiller.shotSelect: {strategy: similar, k: 1}\n---\n";

test("shots of a file are chosen by the input", async () => {
  const { sent } = await run(`${similar}{{text}}`, ["billing"], { text: "The bill is wrong" });
  assert.deepEqual(sent, ["user:late bill | assistant:billing | user:The bill is wrong"]);
});

test("every hole of a run sees the same shots, and the file is read once", async () => {
  let reads = 0;
  const read = () => (reads++ === 0 ? lines : "");
  const text = `${similar}{{#shots}}{{output}}: {{/shots}}{{gen "a"}}, {{gen "b"}}`;
  const { sent } = await run(text, ["x", "y"], { text: "parcel" }, read);
  assert.deepEqual(sent, ["user:shipping: ", "user:shipping: x, "]);
  assert.equal(reads, 1);
});

test("defaults of the file choose too", async () => {
  const text = `---\ninput: {default: {text: parcel}}\n${similar.slice(4)}{{shots}}{{text}}`;
  assert.deepEqual((await run(text, [""])).sent, ["user:late parcel | assistant:shipping | user:parcel"]);
});

test("no token is counted where nothing is limited", async () => {
  assert.deepEqual((await run(`${similar}Hi`, [""])).counted, []);
});

test("a limit of tokens drops whole shots, and each text is counted once", async () => {
  const text = "---\ntiller.shots: {file: s.jsonl}\ntiller.shotSelect: {maxTokens: 20}\n---\nHi";
  const { sent, counted } = await run(text, [""]);
  assert.deepEqual(sent, ["user:late parcel | assistant:shipping | user:Hi"]);
  assert.deepEqual(counted, ["late parcel", "shipping", "late bill", "billing"]);
});

test("a budget drops what it must", async () => {
  const text = (context: number) =>
    `---\ntiller.shots: {file: s.jsonl}\ntiller.budget: {context: ${context}}\n---\n{{#shots}}{{output}} {{/shots}}Hi`;
  assert.deepEqual((await run(text(27), [""])).sent, ["user:shipping billing Hi"]);
  assert.deepEqual((await run(text(26), [""])).sent, ["user:shipping Hi"]);
  assert.deepEqual((await run(text(10), [""])).sent, ["user:Hi"]);
});

test("a preview tells where a message comes from", () => {
  const messages = preview({ path: "/a.prompt", text: `${similar}Hi`, input: {}, files: files(() => lines) });
  assert.deepEqual(
    messages.map(({ role, shot }) => [role, shot]),
    [
      ["user", { index: 0, of: 2, reason: "no word in common" }],
      ["assistant", { index: 0, of: 2, reason: "no word in common" }],
      ["user", undefined],
      ["assistant", undefined],
    ],
  );
});

for (const [what, frontMatter, read, code, message] of [
  ["a missing file", "tiller.shots: {file: s.jsonl}", () => undefined, "prompt-invalid", 'the file "s.jsonl"'],
  ["a broken line", "tiller.shots: {file: s.jsonl}", () => "\n{", "prompt-invalid", "a.prompt:2:22: line 2"],
  ["a broken shot", "tiller.shots: [{input: a}]", () => "", "prompt-invalid", "expected an `output`"],
  ["no list", "tiller.shots: 3", () => "", "prompt-invalid", "found a number"],
  ["an unknown strategy", "tiller.shotSelect: {strategy: best}", () => "", "prompt-invalid", 'found "best"'],
  ["a wrong budget", "tiller.budget: {context: big}", () => "", "prompt-invalid", 'a number for "context"'],
  ["an unreadable file", "tiller.shots: {file: s.jsonl}", refuseRead, "file-unreadable", "not UTF-8"],
] as const) {
  test(`${what} is refused before anything is sent`, async () => {
    await checkRefused(code, message, `---\n${frontMatter}\n---\nHi`, read);
  });
}

test("a run that is cancelled while tokens are counted ends as cancelled", async () => {
  const cancelled = new AbortController();
  const tokenize: Engine["tokenize"] = () => {
    cancelled.abort();
    return Promise.reject(new Error("cancelled"));
  };
  const runner = createPromptRunner({ engine: { ...fakeEngine(["x"]), tokenize }, files: files(() => lines) });
  const text = "---\ntiller.budget: {context: 1}\n---\nHi";
  const result = await runner.run({ path: "/a.prompt", text, model }, () => undefined, cancelled.signal);
  assert.equal(result.finish, "cancelled");
});

const model = { path: "/model.gguf" };

async function run(text: string, replies: readonly string[], input: JsonObject = {}, read: Read = () => lines) {
  const counted: string[] = [];
  const fake = fakeEngine(replies);
  // Characters are tokens here.
  const tokenize: Engine["tokenize"] = ({ prompt }) => {
    assert.ok(prompt.type === "text");
    counted.push(prompt.text);
    return Promise.resolve({ ids: [...prompt.text].map((_, i) => i), tokens: [], special: [], text: prompt.text });
  };
  const runner = createPromptRunner({ engine: { ...fake, tokenize }, files: files(read) });
  await runner.run({ path: "/a.prompt", text, input, model }, () => undefined, new AbortController().signal);
  const sent = fake.requests.map(({ prompt }) => {
    assert.ok(prompt.type === "messages");
    return prompt.messages.map(({ role, content }) => `${role}:${content}`).join(" | ");
  });
  return { sent, counted };
}

async function checkRefused(code: ErrorCode, part: string, text: string, read: Read): Promise<void> {
  const error: unknown = await run(text, [], {}, read).catch((it: unknown) => it);
  assert.ok(error instanceof TillerError, String(error));
  assert.equal(error.code, code);
  assert.ok(error.message.includes(part), error.message);
}

type Read = () => string | undefined;

function refuseRead(): never {
  throw new TillerError("file-unreadable", "s.jsonl is not UTF-8 text");
}

function files(read: Read): PromptFiles {
  return {
    read: (path) => assert.fail(`the text was given, but ${path} was read`),
    partial: () => undefined,
    adapter: () => undefined,
    adaptersIn: () => [],
    isWithin: () => false,
    shots: read,
    data: () => undefined,
    picture: () => undefined,
  };
}
