// Prompts with pictures through the whole engine, on the tiny model: what is told of them, what they cost the second time, and
// that guidance, rows, scores and sampling treat them as tokens.

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { silentLog } from "../../../src/base/log.js";
import { generate } from "../../../src/engine/decode/generate.js";
import { loadModel, type LoadedModel } from "../../../src/engine/loadedModel.js";
import { createLocalEngine, type LocalEngine } from "../../../src/engine/localEngine.js";
import { testCache } from "../../../src/engine/ort/selfTest.js";
import type { GenerateEvent, GenerateRequest, MessageImage, PromptInput } from "../../../src/protocol/engine.js";
import { projectRoot } from "../golden/goldenFiles.js";
import { temporaryFolder } from "../../temporaryFolder.js";

const folder = join(projectRoot, "test/tiny/smolvlm");
const model = { path: join(folder, "model.gguf"), precision: "exact", threads: 1 } as const;
const textOnly = { path: join(projectRoot, "test/tiny/llama-untied/model.gguf") };
const never = new AbortController().signal;
const IMAGE = 3;
/** c.png: five tiles of four tokens, six marks of two and one, two line breaks and one more. */
const C_TOKENS = 20 + 5 * 2 + 1 + 3;

let engine: LocalEngine;
before(() => void (engine = createLocalEngine({ log: silentLog })));
after(() => engine.dispose());

test("a picture's tokens are told as the model's own token for pictures, and what it takes is told", async () => {
  const { ids, tokens, images, special } = await engine.tokenize(
    { model, prompt: ask("c.png", "What?") },
    ignore,
    never,
  );
  assert.ok(ids.every((it) => it < 512));
  assert.equal(ids.filter((it) => it === IMAGE).length, 20);
  assert.equal(tokens[ids.indexOf(IMAGE)], "<image>");
  assert.ok(special.includes(ids.indexOf(IMAGE)));
  const first = ids.indexOf(4);
  assert.deepEqual(images, [{ first, count: C_TOKENS, width: 128, height: 96, tiles: 5 }]);
  assert.equal(ids[first + C_TOKENS - 1], 4);
});

test("of several pictures in several messages each is told by itself", async () => {
  const prompt: PromptInput = {
    type: "messages",
    messages: [
      { role: "user", content: "one, two", images: [image("c.png", 0), image("a.png", 5)] },
      { role: "assistant", content: "yes" },
      { role: "user", content: "three", images: [image("b.png", 5)] },
    ],
  };
  const { ids, images } = await engine.tokenize({ model, prompt }, ignore, never);
  assert.deepEqual(
    images!.map(({ width, height, tiles }) => [width, height, tiles]),
    [
      [128, 96, 5],
      [64, 64, 5],
      [80, 48, 5],
    ],
  );
  for (const { first, count } of images!) assert.deepEqual([ids[first], ids[first + count - 1]], [4, 4]);
  assert.ok(images!.every(({ first }, i) => i === 0 || images![i - 1]!.first + images![i - 1]!.count <= first));
});

test("a picture in the request is the same as one in a file", async () => {
  const held: PromptInput = {
    type: "messages",
    messages: [
      {
        role: "user",
        content: "?",
        images: [{ at: 0, source: { base64: readFileSync(join(folder, "c.png")).toString("base64") } }],
      },
    ],
  };
  const known = await write({ prompt: ask("c.png", "?") });
  const { text, usage } = await write({ prompt: held });
  assert.equal(text, known.text);
  assert.equal(usage.cachedTokens, usage.promptTokens - 1);
});

test("different pictures give different answers, and the same one the same answer", async () => {
  const [a, b, again] = [
    await write({ prompt: ask("a.png", "Say") }),
    await write({ prompt: ask("b.png", "Say") }),
    await write({ prompt: ask("a.png", "Say") }),
  ];
  assert.notDeepEqual(a.ids, b.ids);
  assert.deepEqual(again.ids, a.ids);
});

test("a second question about a picture reads only the question", async () => {
  const prompt = (text: string): PromptInput => ({
    type: "messages",
    messages: [{ role: "user", content: text, images: [image("c.png", 0)] }],
  });
  await write({ prompt: prompt("first of all questions") });
  const { usage } = await write({ prompt: prompt("second question") });
  assert.ok(C_TOKENS + 3 <= usage.cachedTokens, `${usage.cachedTokens} of ${usage.promptTokens}`);
  const { usage: other } = await write({ prompt: ask("b.png", "second question") });
  assert.ok(other.cachedTokens < 10, `${other.cachedTokens}`);
});

test("ids that are told are tokens, in events, results and scores", async () => {
  const events: GenerateEvent[] = [];
  const prompt = ask("c.png", "Which?");
  const { ids } = await engine.generate({ model, prompt, maxTokens: 6, top: 8 }, (it) => events.push(it), never);
  const told = events.flatMap((it) => (it.type === "token" ? [it.token.id, ...it.top.map((one) => one.id)] : []));
  assert.ok(0 < told.length && [...told, ...ids].every((it) => it < 512));
  const score = await engine.score({ model, prompt, top: 4 }, ignore, never);
  assert.ok(score.ids.every((it) => it < 512) && score.ids.filter((it) => it === IMAGE).length === 20);
  assert.ok(score.logprobs.slice(1).every((it) => Number.isFinite(it) && it! < 0));
  assert.ok(Number.isFinite(score.perplexity));
  assert.equal(score.tokens[score.ids.indexOf(IMAGE)], "<image>");
});

test("penalties see a picture as so many of the model's tokens for pictures", async () => {
  const sampling = { logitBias: { [IMAGE]: 60 } };
  const request = { prompt: ask("c.png", "?"), maxTokens: 1 };
  assert.deepEqual((await write({ ...request, sampling })).ids, [IMAGE]);
  // 20 times 4 is more than 60; once would not be.
  const penalized = await write({ ...request, sampling: { ...sampling, frequencyPenalty: 4 } });
  assert.notDeepEqual(penalized.ids, [IMAGE]);
  const without = { prompt: ask(undefined, "?"), maxTokens: 1 };
  assert.deepEqual((await write({ ...without, sampling: { ...sampling, frequencyPenalty: 4 } })).ids, [IMAGE]);
});

test("guidance away from the prompt without its picture, and from one with another picture", async () => {
  const prompt = ask("c.png", "Tell me");
  const plain = await write({ prompt });
  for (const otherwise of [ask(undefined, "Tell me"), ask("b.png", "Tell me")]) {
    const guided = (strength: number) => write({ prompt, guidance: { kind: "classifier-free", otherwise, strength } });
    assert.equal((await guided(1)).text, plain.text);
    // As the other prompt alone.
    assert.deepEqual((await guided(0)).ids, (await write({ prompt: otherwise })).ids);
    const { usage, ids } = await guided(3);
    assert.equal(usage.guidance!.readings, 2);
    assert.ok(ids.every((it) => it < 512));
  }
});

test("guidance by an early layer sees the picture, and by a second model is refused", async () => {
  const prompt = ask("c.png", "Tell me");
  const early = await write({ prompt, guidance: { kind: "contrastive", amateur: { layers: 1 } } });
  assert.equal(early.usage.guidance!.readings, 2);
  const second = write({ prompt, guidance: { kind: "contrastive", amateur: { model } } });
  await assert.rejects(second, { code: "usage", message: /^A second model cannot look at the pictures/ });
});

test("rows with pictures of their own write what each writes alone", async () => {
  const prompts = [ask("a.png", "Say"), ask("c.png", "Say"), ask(undefined, "Say"), ask("c.png", "Go on")];
  const rows = prompts.map((prompt) => ({ prompt, maxTokens: 8 }));
  const broken = { prompt: ask("golden.json", "Say"), maxTokens: 8 };
  const { rows: results } = await engine.generateRows({ model, rows: [...rows, broken] }, ignore, never);
  for (const [i, prompt] of prompts.entries()) {
    const result = results[i]!;
    assert.ok(result.status === "done" && result.together === 4);
    assert.deepEqual(result.result.ids, (await write({ prompt, maxTokens: 8 })).ids);
  }
  const failed = results.at(-1)!;
  assert.ok(failed.status === "failed" && failed.code === "input-invalid");
});

test("token healing takes back the end of the text and nothing of the picture", async () => {
  const prompt: PromptInput = {
    type: "messages",
    messages: [{ role: "user", content: "the", images: [image("c.png", 0)] }],
    continueLast: true,
  };
  const { usage } = await write({ prompt, heal: true, maxTokens: 4 });
  assert.ok(C_TOKENS < usage.promptTokens);
  const bare: PromptInput = { ...prompt, messages: [{ role: "user", content: "", images: [image("c.png", 0)] }] };
  assert.equal((await write({ prompt: bare, heal: true, maxTokens: 4 })).finish, "length");
});

test("options are scored behind a picture, and hidden states are those of its prompt", async () => {
  const constraint = { kind: "choice", options: ["yes", "no"] } as const;
  const { scores } = await write({ prompt: ask("c.png", "Is it?"), constraint, scores: true });
  assert.ok(Math.abs(scores!.reduce((sum, it) => sum + it.probability, 0) - 1) < 1e-9);
  const prompts = [ask("a.png", "x"), ask("b.png", "x"), ask("a.png", "x")];
  const { prompts: states } = await engine.hiddenStates({ model, prompts }, ignore, never);
  assert.deepEqual(states[2]!.layers, states[0]!.layers);
  assert.notDeepEqual(states[1]!.layers, states[0]!.layers);
  assert.equal(
    states[0]!.tokenCount,
    (await engine.tokenize({ model, prompt: prompts[0]! }, ignore, never)).ids.length,
  );
});

test("a cancel while a picture is looked at ends as any other, and the next request goes on from there", async () => {
  const loaded = await load();
  const cancel = new AbortController();
  const request: GenerateRequest = { model, prompt: ask("c.png", "What is it?"), maxTokens: 4 };
  const running = generate(loaded, request, ignore, cancel.signal);
  setImmediate(() => cancel.abort());
  const { finish, ids, usage } = await running;
  assert.deepEqual([finish, ids, usage.completionTokens], ["cancelled", [], 0]);
  const { ids: written } = await generate(loaded, request, ignore, never);
  assert.deepEqual(written, (await write({ prompt: request.prompt, maxTokens: 4 })).ids);
  await loaded.dispose();
});

test("the vision part is loaded with the first picture, and let go with the model", async () => {
  const loaded = await load();
  const isReady = () => !("missing" in loaded.vision) && loaded.vision.isReady;
  await generate(loaded, { model, prompt: ask(undefined, "Hi"), maxTokens: 2 }, ignore, never);
  assert.equal(isReady(), false);
  await generate(loaded, { model, prompt: ask("a.png", "Hi"), maxTokens: 2 }, ignore, never);
  assert.equal(isReady(), true);
  await loaded.dispose();
  assert.equal(isReady(), false);
});

test("a model that reads text only says so, and what to do", async () => {
  const running = engine.generate({ model: textOnly, prompt: ask("a.png", "Hi") }, ignore, never);
  await assert.rejects(running, {
    code: "prompt-invalid",
    message:
      /reads text only, and the prompt has a picture\. Take the picture out, or choose a model with a vision part: an mmproj file/,
  });
  await assert.rejects(engine.tokenize({ model: textOnly, prompt: ask("a.png", "Hi") }, ignore, never), {
    code: "prompt-invalid",
  });
});

test("a model whose vision part lies elsewhere takes the one that is named", async () => {
  const alone = join(temporaryFolder("vision"), "alone.gguf");
  copyFileSync(model.path, alone);
  const request = (projector?: string): GenerateRequest => ({
    model: { path: alone, precision: "exact", ...(projector && { projector }) },
    prompt: ask("c.png", "Say"),
    maxTokens: 8,
  });
  await assert.rejects(engine.generate(request(), ignore, never), { code: "prompt-invalid" });
  const { ids } = await engine.generate(request(join(folder, "mmproj.gguf")), ignore, never);
  assert.deepEqual(ids, (await write({ prompt: ask("c.png", "Say"), maxTokens: 8 })).ids);
  await assert.rejects(engine.generate(request(textOnly.path), ignore, never), {
    code: "model-unsupported",
    message: /is no vision part/,
  });
});

test("what is no picture, or not there, is told by its path", async () => {
  const large = join(temporaryFolder("vision"), "large.png");
  writeFileSync(large, Buffer.alloc((50 << 20) + 1));
  const cases: readonly (readonly [MessageImage["source"], string, RegExp])[] = [
    [{ path: "/no/such.png" }, "file-not-found", /^There is no picture at \/no\/such\.png/],
    [{ path: folder }, "file-unreadable", /smolvlm/],
    [{ path: join(folder, "golden.json") }, "input-invalid", /golden\.json is not a picture/],
    [{ path: large }, "input-invalid", /large\.png has 50 MiB, and pictures of at most 50 MiB are read/],
    [{ base64: "not/base64!" }, "input-invalid", /is base64, and this text is not/],
    [{ base64: "aGVsbG8=" }, "input-invalid", /^the picture that the request holds is not a picture/],
  ];
  for (const [source, code, message] of cases) {
    const prompt: PromptInput = {
      type: "messages",
      messages: [{ role: "user", content: "", images: [{ at: 0, source }] }],
    };
    await assert.rejects(write({ prompt }), { code, message });
  }
});

test("a context that cannot hold the pictures is refused with the numbers, before one is looked at", async () => {
  const small = { ...model, contextTokens: 64 };
  const prompt: PromptInput = {
    type: "messages",
    messages: [{ role: "user", content: "both", images: [image("a.png", 0), image("c.png", 0)] }],
  };
  await assert.rejects(engine.generate({ model: small, prompt }, ignore, never), {
    code: "prompt-too-long",
    message:
      /^The prompt has 8\d tokens, 68 of them for 2 pictures, and this model's context holds 64.* Take a picture out/,
  });
});

test("facts name the vision part", async () => {
  const facts = await engine.inspect({ path: model.path }, ignore, never);
  const vision = { projector: join(folder, "mmproj.gguf"), tileSize: 64, tileTokens: 4 };
  assert.deepEqual(facts.vision, vision);
  assert.deepEqual((await engine.load({ model }, ignore, never)).facts.vision, vision);
  assert.equal((await engine.inspect({ path: textOnly.path }, ignore, never)).vision, undefined);
  const part = await engine.inspect({ path: vision.projector }, ignore, never);
  assert.match(part.unsupported!, /^It is the vision part of a model/);
});

test("a folder's vision parts are no models, and count to the memory of theirs", async () => {
  const { models } = await engine.listModels({ folders: [folder] }, ignore, never);
  assert.deepEqual(
    models.map((it) => it.name),
    ["model"],
  );
  const alone = temporaryFolder("vision");
  copyFileSync(model.path, join(alone, "model.gguf"));
  const { models: without } = await engine.listModels({ folders: [alone] }, ignore, never);
  const more = models[0]!.memory!.totalBytes - without[0]!.memory!.totalBytes;
  // 2 layers of 64 with 128 in between, patches of 16, 16 positions, 256 to 64; and what 16 patches attend to each other.
  const layer = 4 * (64 * 64 + 64) + 2 * 64 * 128 + 128 + 64 + 4 * 64;
  const weights = 2 * layer + 64 * 3 * 16 * 16 + 64 + 16 * 64 + 2 * 64 + 256 * 64;
  assert.equal(more, 4 * weights + 4 * 4 * 16 * 16);
});

function ask(picture: string | undefined, content: string): PromptInput {
  const images = picture === undefined ? {} : { images: [image(picture, 0)] };
  return { type: "messages", messages: [{ role: "user", content, ...images }] };
}

function image(name: string, at: number): MessageImage {
  return { at, source: { path: join(folder, name) } };
}

function write(request: Omit<GenerateRequest, "model">) {
  return engine.generate({ model, maxTokens: 12, ...request }, ignore, never);
}

async function load(): Promise<LoadedModel> {
  return loadModel({ spec: model, cacheKind: (await testCache()).kind, defaultThreads: 1 }, ignore);
}

function ignore(): void {}
