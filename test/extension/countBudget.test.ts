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
    return prompt.messages.flatMap(({ content, images = [] }) => [
      ...["<", "role", ">", ...words(content)],
      ...images.flatMap(() => ["<image>", "<image>"]),
    ]);
  return prompt.type === "text" ? words(prompt.text) : [];
}

const engine: Pick<Engine, "tokenize"> = {
  tokenize: ({ prompt }) =>
    Promise.resolve({
      ids: tokensOf(prompt).map((_, i) => i),
      tokens: [],
      special: [],
      text: "",
      ...(prompt.type === "messages" && {
        images: prompt.messages.flatMap(({ images = [] }) => images.map(tokensOfImage)),
      }),
    } satisfies TokenizeResult),
};

const tokensOfImage = () => ({ first: 0, count: 2, width: 8, height: 4, tiles: 1 });

const said = (role: PreviewMessage["role"], text: string, shot?: PreviewMessage["shot"]): PreviewMessage => ({
  role,
  shot,
  parts: [{ kind: "text", text }],
});

async function count(messages: readonly PreviewMessage[], vision = false) {
  const model = { path: "/m.gguf" };
  const options = { engine, model, context: 100, vision, signal: new AbortController().signal };
  return countBudget({ messages, reserve: 20 }, options);
}

test("each kind of message is counted, and what the template adds", async () => {
  const shot = { index: 1, of: 1, reason: "first" };
  const {
    budget: { context, reserve, parts },
  } = await count([
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
  const {
    budget: { parts },
  } = await count([said("user", "a b"), { role: "model", shot: undefined, parts: [hole] }]);
  assert.deepEqual(parts, [
    { label: "user", tokens: 2 },
    { label: "format", tokens: 3 },
  ]);
});

test("pictures are counted apart where the model reads them, and are left out where it does not", async () => {
  const shown = (path: string) => ({ kind: "media", url: path, picture: { kind: "file", path } }) as const;
  const missing = { kind: "media", url: "x", picture: { kind: "problem", problem: "gone" } } as const;
  const message: PreviewMessage = {
    role: "user",
    shot: undefined,
    parts: [shown("/a.png"), { kind: "text", text: "a b" }, shown("/b.png"), missing],
  };
  const seen = await count([message], true);
  assert.deepEqual(seen.budget.parts, [
    { label: "user", tokens: 2 },
    { label: "pictures", tokens: 4 },
    { label: "format", tokens: 3 },
  ]);
  assert.equal(seen.pictures.length, 2);
  const unseen = await count([message]);
  assert.deepEqual(unseen.budget.parts, [
    { label: "user", tokens: 2 },
    { label: "format", tokens: 3 },
  ]);
  assert.deepEqual(unseen.pictures, []);
});
