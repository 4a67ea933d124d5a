// Every kind of tokenizer against llama.cpp and the reference, on small vocabularies: the cases lie outside the project, in the
// folder TILLER_TINY (tokenizers/*.json, each beside the model whose head holds the vocabulary).

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";

import { encodePrompt } from "../../src/engine/decode/promptIds.js";
import { renderChat } from "../../src/engine/chat/template.js";
import { openModelFile } from "../../src/engine/gguf/modelFile.js";
import { readTokenizerMetadata } from "../../src/engine/tokenizer/metadata.js";
import { createTokenizer, type Tokenizer } from "../../src/engine/tokenizer/tokenizer.js";
import type { ChatMessage } from "../../src/protocol/engine.js";

interface TinyCases {
  readonly model_gguf: string;
  readonly bos: number;
  readonly eos: number;
  readonly add_bos: boolean;
  readonly cases: readonly { readonly text: string; readonly ids: readonly number[]; readonly decoded: string }[];
  readonly chat: readonly {
    readonly messages: readonly ChatMessage[];
    readonly add_generation_prompt: boolean;
    readonly text: string;
    readonly ids: readonly number[];
  }[];
}

const folder = join(
  process.env["TILLER_TINY"] ?? join(import.meta.dirname, "../../../../shared/models/tiny"),
  "tokenizers",
);

if (!existsSync(folder))
  it("tiny tokenizers", { skip: `there is no folder ${folder}; set TILLER_TINY` }, () => undefined);
else
  readdirSync(folder)
    .filter((it) => it.endsWith(".json"))
    .forEach(describeTokenizer);

function describeTokenizer(file: string): void {
  const cases = JSON.parse(readFileSync(join(folder, file), "utf8")) as TinyCases;
  describe(file.replace(".json", ""), () => {
    let tokenizer: Tokenizer;
    let template: string | undefined;
    before(async () => {
      const model = await openModelFile(join(folder, cases.model_gguf));
      tokenizer = createTokenizer(readTokenizerMetadata(model.metadata));
      template = model.metadata.text("tokenizer.chat_template");
      model.close();
    });

    it("knows its marks", () => {
      assert.equal(tokenizer.bos, cases.bos);
      assert.equal(tokenizer.addBos, cases.add_bos);
      assert.ok(tokenizer.eos.has(cases.eos));
    });
    for (const { text, ids, decoded } of cases.cases) {
      it(`encodes ${JSON.stringify(text)}, and decodes it again`, () => {
        assert.deepEqual(tokenizer.encodeSegments([{ text, trusted: true }]), ids);
        assert.equal(tokenizer.decode(ids), decoded);
      });
    }
    cases.chat.forEach((chat, i) => {
      it(`renders conversation ${i}`, () => {
        const options = { addGenerationPrompt: chat.add_generation_prompt, continueLast: false };
        const { text, ids } = renderChat(template, tokenizer, chat.messages, options);
        assert.equal(text, chat.text);
        assert.deepEqual(ids, chat.ids);
      });
      it(`begins conversation ${i} with the start token if the file wants one`, () => {
        const prompt = { type: "messages", messages: chat.messages } as const;
        const options = { addGenerationPrompt: chat.add_generation_prompt };
        const { ids } = encodePrompt({ tokenizer, vision: { missing: "" }, chatTemplate: template }, prompt, options);
        assert.deepEqual(ids, cases.add_bos ? [cases.bos, ...chat.ids] : chat.ids);
        const spelled = encodePrompt(
          { tokenizer, vision: { missing: "" }, chatTemplate: `{{ bos_token }}${template}` },
          prompt,
          options,
        );
        assert.deepEqual(spelled.ids, [cases.bos, ...chat.ids]);
      });
    });
  });
}
