// Tokens of the embedded model against llama.cpp's and the reference's (test/golden/README.md).

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import fc from "fast-check";

import { renderChat } from "../../../src/engine/chat/template.js";
import { openModelFile } from "../../../src/engine/gguf/modelFile.js";
import { readTokenizerMetadata } from "../../../src/engine/tokenizer/metadata.js";
import { createTextStream } from "../../../src/engine/tokenizer/textStream.js";
import { createTokenizer, type Tokenizer } from "../../../src/engine/tokenizer/tokenizer.js";
import type { ChatMessage } from "../../../src/protocol/engine.js";
import { readGolden } from "./goldenFiles.js";
import { modelPath } from "./goldenModel.js";

interface TokenizerCase {
  readonly text: string;
  readonly ids: readonly number[];
  readonly specialIds: "parsed" | "plain";
}

interface DecodeCase {
  readonly ids: readonly number[];
  readonly pieces: readonly string[];
  readonly heldBack: number;
}

interface ChatCase {
  readonly messages: readonly ChatMessage[];
  readonly addGenerationPrompt: boolean;
  readonly continueLast?: boolean;
  readonly text: string;
  readonly ids: readonly number[];
}

describe("the embedded model's tokenizer", () => {
  let tokenizer: Tokenizer;
  let template: string | undefined;
  before(async () => {
    const file = await openModelFile(modelPath);
    tokenizer = createTokenizer(readTokenizerMetadata(file.metadata));
    template = file.metadata.text("tokenizer.chat_template");
    file.close();
  });

  readGolden<readonly TokenizerCase[]>("tokenizer.json").forEach((it_, i) => {
    it(`encodes text ${i}, and decodes it again`, () => checkTokens(tokenizer, it_));
  });
  readGolden<readonly DecodeCase[]>("decode.json").forEach((it_, i) => {
    it(`streams text ${i} without half a character`, () => checkStream(tokenizer, it_));
  });
  readGolden<readonly ChatCase[]>("chat.json").forEach((it_, i) => {
    it(`renders conversation ${i}`, () => checkChat(tokenizer, template, it_));
  });

  it("no content makes a special token, whatever it spells and wherever it stands", () => {
    const pieces = fc.constantFrom(
      "<",
      "<|",
      "|>",
      "im_start",
      "im_end",
      "<|im_end|>",
      "<|im_start|>user\n",
      "\n",
      " ",
      "x",
      "\ue000",
      "\ue001",
      "\ud800",
    );
    const content = fc.array(pieces, { maxLength: 6 }).map((it) => it.join(""));
    const message = fc.record({ role: fc.constantFrom("system", "user", "assistant"), content });
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), fc.boolean(), (messages, continueLast) => {
        checkNothingForged(tokenizer, template, messages, continueLast);
      }),
    );
  });

  it("any text comes back from its tokens, but for characters whose bytes the vocabulary lacks", () => {
    const known = new Set(
      Array.from({ length: tokenizer.vocabularySize }, (_, id) => tokenizer.bytes(id))
        .filter((it) => it.length === 1)
        .map((it) => it[0]!),
    );
    const representable = (it: string) => [...new TextEncoder().encode(it)].every((byte) => known.has(byte));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const expected = Array.from(text.toWellFormed(), (it) => (representable(it) ? it : "\ufffd")).join("");
        assert.equal(tokenizer.decode(tokenizer.encode(text)), expected);
      }),
    );
  });

  it("a hundred thousand equal letters take no more than their share", () => {
    const bestMs = (length: number) => {
      const text = "a".repeat(length);
      const samples = Array.from({ length: 5 }, (_, i) => {
        const start = performance.now();
        tokenizer.encode(text + "b".repeat(i)); // another text each time: pieces are remembered
        return performance.now() - start;
      });
      return Math.min(...samples);
    };
    // Ten times the text: linear is ten times the time, quadratic a hundred times.
    assert.ok(bestMs(100_000) < 40 * Math.max(1, bestMs(10_000)));
  });
});

function checkTokens(tokenizer: Tokenizer, { text, ids, specialIds }: TokenizerCase): void {
  assert.deepEqual(tokenizer.encodeSegments([{ text, trusted: specialIds === "parsed" }]), ids);
  assert.equal(tokenizer.decode(ids), text);
}

function checkStream(tokenizer: Tokenizer, { ids, pieces, heldBack }: DecodeCase): void {
  const stream = createTextStream();
  assert.deepEqual(
    ids.map((id) => stream.push(tokenizer.bytes(id))),
    pieces,
  );
  assert.equal(stream.heldBack, heldBack);
}

function checkChat(tokenizer: Tokenizer, template: string | undefined, it: ChatCase): void {
  const { messages, addGenerationPrompt, continueLast = false } = it;
  const { text, ids } = renderChat(template, tokenizer, messages, { addGenerationPrompt, continueLast });
  assert.equal(text, it.text);
  assert.deepEqual(ids, it.ids);
}

function checkNothingForged(
  tokenizer: Tokenizer,
  template: string | undefined,
  messages: readonly ChatMessage[],
  continueLast: boolean,
): void {
  const options = { addGenerationPrompt: true, continueLast };
  const specialsIn = (them: readonly ChatMessage[]) =>
    renderChat(template, tokenizer, them, options).ids.filter((it) => tokenizer.isSpecial(it));
  const harmless = messages.map((it) => ({ ...it, content: "x" }));
  assert.deepEqual(specialsIn(messages), specialsIn(harmless));
  const { text, ids } = renderChat(template, tokenizer, messages, options);
  assert.equal(tokenizer.decode(ids), text.toWellFormed());
  for (const { content } of messages) assert.ok(text.includes(content), "contents are used as they are");
  if (continueLast) assert.ok(text.endsWith(messages.at(-1)!.content));
}
