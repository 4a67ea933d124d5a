// What a prompt takes of the context, with an engine that counts words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { countBudget } from "../../src/extension/preview/countBudget.js";
import type { Engine, PromptInput, TokenizeResult } from "../../src/protocol/engine.js";
import type { PreviewMessage } from "../../src/protocol/preview.js";

const words = (text: string) => text.split(/\s+/).filter((it) => it !== "");

/** Three tokens around each message, as templates have them. */
function tokensOf(prompt: PromptInput): readonly string[] {
  if (prompt.type === "messages")
    return prompt.messages.flatMap(({ content }) => ["<", "role", ">", ...words(content)]);
  return prompt.type === "text" ? words(prompt.text) : [];
}

const engine: Pick<Engine, "tokenize"> = {
  tokenize: ({ prompt }) =>
    Promise.resolve({
      ids: tokensOf(prompt).map((_, i) => i),
      tokens: [],
      special: [],
      text: "",
    } satisfies TokenizeResult),
};

const said = (role: PreviewMessage["role"], text: string, shot?: PreviewMessage["shot"]): PreviewMessage => ({
  role,
  shot,
  parts: [{ kind: "text", text }],
});

async function count(messages: readonly PreviewMessage[]) {
  const model = { path: "/m.gguf" };
  const options = { engine, model, context: 100, signal: new AbortController().signal };
  return countBudget({ messages, reserve: 20 }, options);
}

test("each kind of message is counted, and what the template adds", async () => {
  const shot = { index: 1, of: 1, reason: "first" };
  const { context, reserve, parts } = await count([
    said("system", "be kind"),
    said("user", "one two three", shot),
    said("model", "four", shot),
    said("user", "five six"),
  ]);
  assert.deepEqual([context, reserve], [100, 20]);
  assert.deepEqual(parts, [
    { label: "system", tokens: 2 },
    { label: "examples", tokens: 4 },
    { label: "user", tokens: 2 },
    { label: "format", tokens: 12 },
  ]);
});

test("a message that holds nothing yet is not counted", async () => {
  const hole = {
    kind: "hole",
    name: "x",
    constraint: undefined,
    hidden: false,
    line: 1,
    text: undefined,
    state: "open",
    legalMass: undefined,
  } as const;
  const { parts } = await count([said("user", "a b"), { role: "model", shot: undefined, parts: [hole] }]);
  assert.deepEqual(parts, [
    { label: "user", tokens: 2 },
    { label: "format", tokens: 3 },
  ]);
});
