// What would be sent, for people and for programs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Workplace } from "./tiller.js";

const tiller = new Workplace();
tiller.file("tone/_kind.prompt", "Be kind to {{name}}.");
const path = tiller.file(
  "hello.prompt",
  `---
input: {schema: {name: string}, default: {name: Ada}}
---
{{role "system"}}{{> tone/kind}}
{{role "user"}}Hi, I am {{name}}.
{{role "model"}}
Mood: {{select "mood" "glad" "sad"}}; {{gen "text" stop="\\n" tokens=9 hidden=true}}
`,
);

test("messages are shown with the holes where they stand", async () => {
  const { code, stdout, stderr } = await tiller.run(["render", path]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(
    stdout,
    `[system]
Be kind to Ada.

[user]
Hi, I am Ada.

[assistant]
Mood: {{mood: "glad" | "sad"}}; {{text: text, stop "\\n", at most 9 tokens, hidden}}

`,
  );
});

test("--json holds the parts of each message", async () => {
  const { stdout } = await tiller.run(["render", path, "--json", "--input", '{"name": "Tom"}']);
  const { messages } = JSON.parse(stdout) as { messages: { role: string; parts: { kind: string; text?: string }[] }[] };
  assert.deepEqual(
    messages.map((it) => [it.role, it.parts.map((part) => part.text ?? part.kind)]),
    [
      ["system", ["Be kind to Tom.\n"]],
      ["user", ["Hi, I am Tom.\n"]],
      ["assistant", ["Mood: ", "hole", "; ", "hole"]],
    ],
  );
});

test("a prompt without holes ends with the answer that is asked for", async () => {
  tiller.file("plain.prompt", "Say hi.\n");
  const { stdout } = await tiller.run(["render", "plain.prompt"]);
  assert.equal(stdout, "[user]\nSay hi.\n\n[assistant]\n{{output: text}}\n\n");
});

test("messages that come from examples say from which, and why it was chosen", async () => {
  tiller.file("few.jsonl", '{"input": "late parcel", "output": "shipping"}\n{"input": "bill", "output": "billing"}\n');
  const head = "---\ntiller.shots: {file: few.jsonl}\ntiller.shotSelect: {strategy: similar, k: 1}\n---\n";
  tiller.file("few.prompt", `${head}{{text}}`);
  const { stdout } = await tiller.run(["render", "few.prompt", "--input", '{"text": "My bill?"}']);
  assert.equal(
    stdout,
    `[user] shot 2 of 2, most similar: 0.80
bill

[assistant] shot 2 of 2, most similar: 0.80
billing

[user]
My bill?

[assistant]
{{output: text}}

`,
  );
});

test("what a run would refuse to send is refused here", async () => {
  const { code, stdout, stderr } = await tiller.run(["render", path, "--input", '{"name": 1}']);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.equal(stderr, 'error: The input does not fit the prompt: "name" should be a string, not 1.\n');
});
