// Token healing: what of a prompt's end is read again, and that a text goes on as if it had never been cut.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";

import { silentLog } from "../../src/base/log.js";
import { createVocabulary } from "../../src/constraint/vocabulary.js";
import { createHealing, takeBack } from "../../src/engine/decode/healing.js";
import { createLocalEngine } from "../../src/engine/localEngine.js";
import { createTokenizer } from "../../src/engine/tokenizer/tokenizer.js";
import type { GenerateEvent, GenerateRequest, PromptInput } from "../../src/protocol/engine.js";
import { modelPath } from "./golden/goldenModel.js";
import { tinyByteLevel } from "./tinyVocabulary.js";

const tokenizer = createTokenizer(
  tinyByteLevel({ control: ["<|end|>"], merges: ["t o", "to w", "w n", "tow n", "Ġ to", "Ġto wn", "Ã ¶"] }),
);
const tree = createVocabulary({
  size: tokenizer.vocabularySize,
  bytes: (id) => (tokenizer.isSpecial(id) ? new Uint8Array(0) : tokenizer.bytes(id)),
  ends: [],
});
const tokens = { tokenizer, vocabulary: () => tree };
const text = (it: string): PromptInput => ({ type: "text", text: it });

describe("the end of an open prompt", () => {
  const cases: readonly (readonly [title: string, text: string, again: string])[] = [
    ["a space may begin a word", "a ", " "],
    ["all of a word that goes on, though it is two tokens", "a tow", " tow"],
    ["a word that is no beginning of another stays", "a town", ""],
    ["a letter that no longer token begins with stays", "a x", ""],
    ["the first token stays, for there must be one", "to", ""],
    ["nothing of an empty prompt", "", ""],
  ];
  for (const [title, prompt, again] of cases)
    it(`is read again as far as a token could go on from it: ${title}`, () => {
      const ids = tokenizer.encode(prompt);
      const open = takeBack(ids, text(prompt), tokens);
      assert.equal(open.text, again);
      assert.equal(tokenizer.decode(open.ids) + open.text, prompt);
    });

  it("is not read again where it is the template's, or ids", () => {
    const ids = tokenizer.encode("a to");
    const closed: PromptInput = { type: "messages", messages: [{ role: "user", content: "a to" }] };
    const begun: PromptInput = { ...closed, messages: [{ role: "user", content: "" }], continueLast: true };
    for (const prompt of [closed, begun, { type: "ids", ids } as const])
      assert.deepEqual(takeBack(ids, prompt, tokens), { ids, text: "" });
  });

  it("is read again only as far as it is the author's", () => {
    const prompt: PromptInput = { type: "messages", messages: [{ role: "user", content: "w" }], continueLast: true };
    assert.equal(takeBack(tokenizer.encode("a tow"), prompt, tokens).text, "");
    const special = [...tokenizer.encode("a "), tokenizer.specials.get("<|end|>")!];
    assert.equal(takeBack(special, text("a <|end|>"), tokens).text, "");
  });

  it("leaves the tokens that begin with it, or that it begins with", () => {
    for (const again of [" to", "to", " ", "x"]) {
      const logits = new Float32Array(tokenizer.vocabularySize);
      createHealing(again, tokens).narrow(logits);
      const left = [...logits.keys()].filter((id) => logits[id] === 0);
      const expected = [...logits.keys()].filter((id) => {
        const written = tokenizer.decode([id]);
        return !tokenizer.isSpecial(id) && (written.startsWith(again) || again.startsWith(written));
      });
      assert.deepEqual(left, expected, again);
      assert.ok(0 < left.length);
    }
  });

  it("counts the tokens that write it again, and no other", () => {
    const healing = createHealing(" to", tokens);
    const ids = (...texts: string[]) => texts.flatMap((it) => tokenizer.encode(it));
    assert.equal(healing.repeated(ids(" ", "to", "x")), 2);
    const town = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id).filter(
      (id) => tokenizer.decode([id]) === " town",
    );
    assert.equal(healing.repeated(town), 0);
    assert.equal(healing.repeated(ids(" to", "x")), 1);
    healing.advance(new TextEncoder().encode(" to"));
    assert.equal(healing.repeated(ids("x")), 0);
  });
});

describe("a text that was cut anywhere", () => {
  const engine = createLocalEngine({ log: silentLog });
  const model = { path: modelPath, contextTokens: 1024 } as const;
  after(() => engine.dispose());

  const messages = [{ role: "user", content: "Write one sentence about the lighthouse at the harbour." }] as const;
  const run = (request: Omit<GenerateRequest, "model">) =>
    engine.generate({ model, ...request }, () => undefined, new AbortController().signal);
  const continued = (content: string): PromptInput => ({
    type: "messages",
    messages: [...messages, { role: "assistant", content }],
    continueLast: true,
  });

  it("goes on as it would have without the cut", async () => {
    const { text: whole } = await run({ prompt: { type: "messages", messages }, maxTokens: 24 });
    const different: string[] = [];
    for (let cut = 1; cut < whole.length - 20; cut++) {
      const begun = whole.slice(0, cut);
      const { text: rest } = await run({ prompt: continued(begun), heal: true, maxTokens: 5 });
      if (!whole.slice(cut).startsWith(rest.slice(0, 8))) different.push(`${begun}|${rest}`);
    }
    // 8-bit activations are rounded by the piece that is read, so a close call may fall the other way.
    assert.ok(different.length <= 2, different.join("\n"));
  });

  it("goes on within its constraint and its limit", async () => {
    for (const [begun, source, maxTokens] of [
      ["The light", "house [a-z]{3,8}", 8],
      ["The number is ", "[0-9]{4}", 4],
      ["The number is 1", "[0-9]{3}", 3],
      ["The harbour is old; it is cal", "led [A-Z][a-z]+", 6],
    ] as const) {
      const constraint = { kind: "regex", source } as const;
      const { text: written } = await run({ prompt: continued(begun), heal: true, constraint, maxTokens });
      assert.match(written, new RegExp(`^(?:${source})$`));
    }
  });

  it("goes on inside of a value that was begun, wherever its tokens were cut", async () => {
    const schema = {
      type: "object",
      properties: { name: { type: "string" }, size: { type: "integer" } },
      required: ["name", "size"],
      additionalProperties: false,
    };
    const whole = '{"name":"lighthouse","size":12}';
    for (let cut = 0; cut < whole.length; cut++) {
      const written = whole.slice(0, cut);
      const prompt = continued(`The value is ${written}`);
      const request = { prompt, heal: true, written, constraint: { kind: "json", schema }, maxTokens: 60 } as const;
      const { text: rest } = await run(request);
      const value = JSON.parse(written + rest) as Record<string, unknown>;
      assert.deepEqual(Object.keys(value).sort(), ["name", "size"]);
    }
    const broken = {
      prompt: continued("A b"),
      heal: true,
      written: "A b",
      constraint: { kind: "json", schema },
    } as const;
    await assert.rejects(run(broken), { code: "constraint-invalid" });
  });

  it("streams what stands behind the cut, and so do its tokens", async () => {
    const events: GenerateEvent[] = [];
    const request = { model, prompt: continued("The light"), heal: true, maxTokens: 6, top: 3 } as const;
    const { text: written } = await engine.generate(request, (it) => events.push(it), new AbortController().signal);
    assert.equal(events.map((it) => (it.type === "text" ? it.text : "")).join(""), written);
    assert.equal(events.map((it) => (it.type === "token" ? it.token.token : "")).join(""), written);
    const first = events.find((it) => it.type === "token")!;
    assert.equal(first.top[0]!.token, first.token.token);
  });

  it("goes on from the tokens that it is begun with", async () => {
    const request = { prompt: continued("The light"), heal: true, maxTokens: 6 } as const;
    const first = await run(request);
    const again = await run({ ...request, begin: first.ids.slice(0, 3) });
    assert.equal(again.text, first.text);
    assert.deepEqual(again.ids, first.ids);
  });
});
