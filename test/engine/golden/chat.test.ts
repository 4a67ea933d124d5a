// Conversations by the embedded model's own template against the reference (test/golden/README.md, chat.json).

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import { renderChat } from "../../../src/engine/chat/template.js";
import type { ChatMessage } from "../../../src/protocol/engine.js";
import { readGolden } from "./goldenFiles.js";
import { embeddedTokenizer, type EmbeddedTokenizer } from "./goldenTokenizer.js";

interface ChatCase {
  readonly messages: readonly ChatMessage[];
  readonly addGenerationPrompt: boolean;
  readonly continueLast?: boolean;
  readonly text: string;
  readonly ids: readonly number[];
}

describe("the embedded model's chat template", () => {
  let model: EmbeddedTokenizer;
  before(async () => {
    model = await embeddedTokenizer();
  });

  readGolden<readonly ChatCase[]>("chat.json").forEach((it_, i) => {
    it(`renders conversation ${i}`, () => checkChat(model, it_));
  });
});

function checkChat({ tokenizer, template }: EmbeddedTokenizer, it: ChatCase): void {
  const { messages, addGenerationPrompt, continueLast = false } = it;
  const { text, ids, segments } = renderChat(template, tokenizer, messages, { addGenerationPrompt, continueLast });
  assert.equal(text, it.text);
  assert.deepEqual(ids, it.ids);
  assert.equal(segments.map((one) => one.text).join(""), text);
}
