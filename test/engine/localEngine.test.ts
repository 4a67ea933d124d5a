// The engine on the embedded model, through the interface that everybody uses.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, it } from "node:test";

import { silentLog } from "../../src/base/log.js";
import { createLocalEngine } from "../../src/engine/localEngine.js";
import type { GenerateEvent, GenerateRequest, GenerateResult } from "../../src/protocol/engine.js";
import { projectRoot } from "./golden/goldenFiles.js";
import { modelPath } from "./golden/goldenModel.js";

const engine = createLocalEngine({ log: silentLog });
const model = { path: modelPath, contextTokens: 2048 } as const;
const ask = (content: string) => ({ type: "messages", messages: [{ role: "user", content }] }) as const;

describe("the engine in this process", () => {
  after(() => engine.dispose());

  it("streams exactly the text of its result", async () => {
    const { result, events } = await run({ model, prompt: ask("Name three colours."), maxTokens: 30 });
    const streamed = events.flatMap((it) => (it.type === "text" ? [it.text] : [])).join("");
    assert.equal(streamed, result.text);
    assert.ok(0 < result.text.length);
    assert.equal(result.usage.completionTokens, result.ids.length);
  });

  it("gives the same text for the same seed, known prefix or not, and another for another seed", async () => {
    const request = (seed: number): GenerateRequest => ({
      model,
      prompt: ask("Write one sentence about the sea and a lighthouse keeper."),
      maxTokens: 24,
      sampling: { temperature: 1, seed },
    });
    const first = await run(request(1));
    const again = await run(request(1));
    assert.equal(first.result.usage.cachedTokens < first.result.usage.promptTokens / 2 + 30, true);
    assert.equal(again.result.usage.cachedTokens, again.result.usage.promptTokens - 1);
    assert.deepEqual(again.result.ids, first.result.ids);
    assert.notDeepEqual((await run(request(2))).result.ids, first.result.ids);
  });

  it("reads only what is new when a conversation goes on", async () => {
    const prompt = ask("Say hello.");
    const { result } = await run({ model, prompt, maxTokens: 5 });
    const open = {
      ...prompt,
      messages: [...prompt.messages, { role: "assistant", content: result.text }],
      continueLast: true,
    };
    const next = await run({ model, prompt: open, maxTokens: 1 });
    assert.ok(next.result.usage.promptTokens - next.result.usage.cachedTokens <= 3);
  });

  it("ends before a stop text, wherever the tokens are cut", async () => {
    const whole = await run({ model, prompt: ask("Count from one to ten in words."), maxTokens: 40 });
    const middle = whole.result.text.slice(6, 12);
    const { result } = await run({
      model,
      prompt: ask("Count from one to ten in words."),
      maxTokens: 40,
      stop: [middle],
    });
    assert.equal(result.text, whole.result.text.slice(0, whole.result.text.indexOf(middle)));
    assert.equal(result.finish, "stop");
  });

  it("writes nothing but one of the choices", async () => {
    const options = ["crimson", "azure blue", "größer"];
    for (const seed of [1, 2, 3, 4, 5]) {
      const sampling = { temperature: 2, seed };
      const { result } = await run({
        model,
        prompt: ask("Pick one."),
        constraint: { kind: "choice", options },
        sampling,
      });
      assert.ok(options.includes(result.text), result.text);
      assert.equal(result.finish, "stop");
    }
  });

  it("scores the options of a choice as the model does when it reads them", async () => {
    const options = ["good", "bad", "quite good", "go"];
    const prompt = ask("Is cold soup good or bad? One word.");
    const request = { model, prompt, constraint: { kind: "choice", options }, scores: true } as const;
    const { result } = await run(request);
    const { text: head } = await engine.tokenize({ model, prompt }, () => undefined, new AbortController().signal);
    const expected = await Promise.all(
      options.map(async (option) => {
        const text = { type: "text", text: head + option, parseSpecial: true } as const;
        const { ids, logprobs } = await engine.score(
          { model, prompt: text },
          () => undefined,
          new AbortController().signal,
        );
        const count = (await tokenCount(option)) || assert.fail();
        return Math.exp(logprobs.slice(ids.length - count).reduce<number>((sum, it) => sum + it!, 0));
      }),
    );
    expected[3] = Math.max(0, expected[3]! - expected[0]!); // "good" begins like "go"
    const total = expected.reduce((sum, it) => sum + it, 0);
    result.scores!.forEach(({ option, probability }, i) => {
      assert.equal(option, options[i]);
      assert.ok(
        Math.abs(probability - expected[i]! / total) < 0.02,
        `${option}: ${probability}, ${expected[i]! / total}`,
      );
    });
    const best = result.scores!.reduce((a, b) => (a.probability < b.probability ? b : a));
    assert.equal(result.text, best.option);
  });

  it("is not changed by guidance of strength 1, and is by a stronger one", async () => {
    const said = (system: string) =>
      ({
        type: "messages",
        messages: [{ role: "system", content: system }, ...ask("What is the sea?").messages],
      }) as const;
    const prompt = said("You are a pirate. Answer in pirate speech.");
    const otherwise = said("You are helpful.");
    const plain = await run({ model, prompt, maxTokens: 20 });
    const one = await run({
      model,
      prompt,
      maxTokens: 20,
      guidance: { kind: "classifier-free", otherwise, strength: 1 },
    });
    assert.deepEqual(one.result.ids, plain.result.ids);
    const two = await run({
      model,
      prompt,
      maxTokens: 20,
      guidance: { kind: "classifier-free", otherwise, strength: 2 },
    });
    assert.notDeepEqual(two.result.ids, plain.result.ids);
    const zero = await run({
      model,
      prompt,
      maxTokens: 20,
      guidance: { kind: "classifier-free", otherwise, strength: 0 },
    });
    assert.deepEqual(zero.result.ids, (await run({ model, prompt: otherwise, maxTokens: 20 })).result.ids);
    const small = { path: modelPath, contextTokens: 128 };
    const long = said("You are helpful, and know much. ".repeat(10));
    const full = await run({
      model: small,
      prompt,
      guidance: { kind: "classifier-free", otherwise: long, strength: 1.5 },
    });
    assert.equal(full.result.finish, "length", "the longer prompt fills the context first");
    for (const strength of [Number.NaN, -1, 1e9])
      await assert.rejects(run({ model, prompt, guidance: { kind: "classifier-free", otherwise, strength } }), {
        code: "usage",
      });
  });

  it("goes on for as many tokens as are asked for", async () => {
    const prompt = ask("Say hi.");
    const short = await run({ model, prompt, maxTokens: 60 });
    assert.equal(short.result.finish, "stop");
    const { result } = await run({ model, prompt, maxTokens: 60, minTokens: short.result.ids.length + 8 });
    assert.ok(short.result.ids.length + 8 <= result.ids.length);
  });

  it("keeps to what is preferred where the model does not mind, and says when it did not", async () => {
    const prompt = ask("Name a colour.");
    const constraint = { kind: "regex", source: "[a-z]+" } as const;
    const wish = await run({ model, prompt, constraint, prefer: 50, maxTokens: 10 });
    assert.match(wish.result.text, /^[a-z]+$/);
    const weak = await run({ model, prompt, constraint, prefer: 0.001, maxTokens: 10 });
    assert.equal(weak.result.usage.constraint!.kept, false);
    assert.doesNotMatch(weak.result.text, /^[a-z]+$/);
  });

  it("closes a value that is longer than its limit has bytes, within the limit", async () => {
    const item = {
      type: "object",
      properties: { name: { type: "string" }, note: { type: "string" } },
      required: ["name", "note"],
    };
    const constraint = { kind: "json", schema: { type: "array", items: item, minItems: 20 }, spaces: true } as const;
    for (const maxTokens of [190, 230, 400]) {
      const sampling = { temperature: 1, seed: maxTokens };
      const { result } = await run({
        model,
        prompt: ask("List the planets, each with a note."),
        constraint,
        maxTokens,
        sampling,
      });
      assert.ok(result.ids.length <= maxTokens);
      assert.equal((JSON.parse(result.text) as readonly unknown[]).length >= 20, true);
    }
  });

  it("writes text within its limits, and ends before a stop text that comes only behind them", async () => {
    const limits = { words: { min: 12, max: 15 }, avoid: ["the", "a "], visibleStart: true };
    for (const seed of [1, 2, 3]) {
      const { result } = await run({
        model,
        prompt: ask("Tell me about the sea."),
        constraint: { kind: "all", items: [{ kind: "text", limits }], stop: [".", "\n"] },
        stop: [".", "\n"],
        sampling: { temperature: 1, seed },
        maxTokens: 200,
      });
      const words = result.text.split(/\s+/).length;
      assert.ok(12 <= words && words <= 15, result.text);
      assert.doesNotMatch(result.text, /the|a |\.|\n/i);
    }
  });

  it("stops at the token limit and says so", async () => {
    const { result } = await run({ model, prompt: ask("Tell me a long story."), maxTokens: 7 });
    assert.equal(result.ids.length, 7);
    assert.equal(result.finish, "length");
  });

  it("keeps the text that was written before a cancel", async () => {
    const control = new AbortController();
    let texts = 0;
    const result = await engine.generate(
      { model, prompt: ask("Tell me a long story."), maxTokens: 200 },
      (event) => {
        if (event.type === "text" && ++texts === 3) control.abort();
      },
      control.signal,
    );
    assert.equal(result.finish, "cancelled");
    assert.ok(0 < result.text.length && result.ids.length < 10);
  });

  it("obeys a cancel between two pieces of a long prompt, and goes on from there later", async () => {
    const control = new AbortController();
    const prompt = { type: "ids", ids: Array.from({ length: 1500 }, (_, i) => 1000 + ((i * 31) % 5000)) } as const;
    let pieces = 0;
    const result = await engine.generate(
      { model, prompt, maxTokens: 5 },
      (event) => {
        if (event.type === "prefill" && 0 < event.done && ++pieces === 2) control.abort();
      },
      control.signal,
    );
    assert.equal(result.finish, "cancelled");
    assert.equal(pieces, 2, "no piece is read after the cancel");
    const again = await run({ model, prompt, maxTokens: 1 });
    assert.ok(0 < again.result.usage.cachedTokens && again.result.usage.cachedTokens < 1500);
  });

  it("serves several requests at once", async () => {
    const requests = ["Say one.", "Say two.", "Say three."].map((it) => ({ model, prompt: ask(it), maxTokens: 8 }));
    const alone: GenerateResult[] = [];
    for (const request of requests) alone.push((await run(request)).result);
    const together = await Promise.all(requests.map((it) => run(it)));
    assert.deepEqual(
      together.map(({ result }) => result.text),
      alone.map((it) => it.text),
    );
  });

  it("refuses a prompt that does not fit, with both numbers", async () => {
    const prompt = { type: "ids", ids: new Array<number>(2048).fill(100) } as const;
    await assert.rejects(run({ model, prompt }), { code: "prompt-too-long", message: /2048 tokens.*holds 2048/ });
  });

  it("refuses tokens that the model does not have", async () => {
    const prompt = { type: "ids", ids: [1, 49152] } as const;
    await assert.rejects(run({ model, prompt }), { code: "usage", message: /49152 is not a token/ });
  });

  it("reports each token with its alternatives", async () => {
    const { events } = await run({ model, prompt: ask("Say yes."), maxTokens: 4, top: 3 });
    const tokens = events.filter((it) => it.type === "token");
    assert.equal(tokens.length, 4);
    for (const { token, top } of tokens) {
      assert.equal(top.length, 3);
      assert.equal(token.id, top[0]!.id, "greedy text takes the likeliest");
      assert.ok(token.logprob! <= 0 && top[2]!.logprob <= top[1]!.logprob);
      assert.ok(top.every((it) => !it.removed));
    }
  });

  it("says of each alternative whether the constraint removed it, and of forced tokens that nobody was asked", async () => {
    const constraint = { kind: "regex", source: "(?:no|maybe): [0-9]" } as const;
    const { result, events } = await run({ model, prompt: ask("Say yes."), constraint, maxTokens: 9, top: 5 });
    const tokens = events.filter((it) => it.type === "token");
    assert.deepEqual(
      tokens.map((it) => it.token.id),
      result.ids,
    );
    assert.ok(
      tokens[0]!.top.every((it) => it.removed),
      "nothing that it likes begins like this",
    );
    assert.ok(tokens.some(({ token, top }) => token.logprob === undefined && top.length === 0));
  });

  it("goes on from tokens that are given, under the same constraint", async () => {
    const constraint = { kind: "choice", options: ["red wine", "red beer", "blue wine"] } as const;
    const prompt = ask("What do you drink?");
    const { result } = await run({ model, prompt, constraint });
    const { ids } = await engine.tokenize(
      { model, prompt: { type: "text", text: "red beer" } },
      () => undefined,
      new AbortController().signal,
    );
    const other = await run({ model, prompt, constraint, begin: ids.slice(0, 2), top: 1 });
    assert.equal(other.result.text, "red beer");
    assert.notEqual(result.text, "");
    assert.deepEqual(other.result.ids, ids);
    assert.equal(other.events.filter((it) => it.type === "token").length, ids.length);
  });

  it("lists the adapters of a folder, and says which are in memory", async () => {
    const { signal } = new AbortController();
    const folder = join(projectRoot, "examples/adapters");
    const list = () => engine.listAdapters({ path: folder }, () => undefined, signal);
    const before = await list();
    assert.deepEqual(
      before.adapters.map((it) => [it.name, it.format]),
      [
        ["commit-message", "peft"],
        ["pirate", "peft"],
        ["pirate", "gguf"],
        ["terse", "peft"],
      ],
    );
    assert.deepEqual([before.broken, before.loaded], [[], []]);
    const path = join(folder, "terse");
    await engine.generate(
      { model, prompt: { type: "text", text: "Hi" }, maxTokens: 1, adapters: [{ path }] },
      () => undefined,
      signal,
    );
    assert.deepEqual((await list()).loaded, [path]);
  });

  it("scores a text as the sum of its parts", async () => {
    const prompt = { type: "text", text: "The capital of France is Paris." } as const;
    const scored = await engine.score({ model, prompt, top: 2 }, () => undefined, new AbortController().signal);
    assert.equal(scored.tokens.join(""), prompt.text);
    assert.equal(scored.logprobs[0], null);
    assert.equal(scored.logprobs.length, scored.ids.length);
    assert.equal(scored.top.length, scored.ids.length);
    const known = scored.logprobs.slice(1) as number[];
    const mean = known.reduce((a, b) => a + b, 0) / known.length;
    assert.ok(Math.abs(Math.exp(-mean) - scored.perplexity!) < 1e-9);
  });
});

async function run(
  request: GenerateRequest,
): Promise<{ readonly result: GenerateResult; readonly events: GenerateEvent[] }> {
  const events: GenerateEvent[] = [];
  const result = await engine.generate(request, (it) => events.push(it), new AbortController().signal);
  return { result, events };
}

async function tokenCount(text: string): Promise<number> {
  const { ids } = await engine.tokenize(
    { model, prompt: { type: "text", text } },
    () => undefined,
    new AbortController().signal,
  );
  return ids.length;
}
