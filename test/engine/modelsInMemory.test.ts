// Which models are in memory, for how long they have been idle, and that idle ones are unloaded when a setting says so.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { silentLog } from "../../src/base/log.js";
import { recommendedModels } from "../../src/base/recommendedModels.js";
import { createLocalEngine } from "../../src/engine/localEngine.js";
import { createModelUses } from "../../src/engine/modelUses.js";
import type { ModelInMemory, ModelSpec } from "../../src/protocol/engine.js";
import { temporaryFolder } from "../temporaryFolder.js";

const tiny = join(import.meta.dirname, "../../../test/tiny/llama-untied/model.gguf");
const folder = temporaryFolder("models");
const engine = createLocalEngine({ log: silentLog });
after(() => engine.dispose());
const signal = new AbortController().signal;
const prompt = { type: "text", text: "a" } as const;
/** 300 ms. */
const SOON = 0.005;

test("models of folders are listed with what they take, broken ones with the reason, later shards not at all", async () => {
  mkdirSync(join(folder, "some"));
  copyFileSync(tiny, join(folder, "some/tiny.gguf"));
  writeFileSync(join(folder, "some/broken.gguf"), "no model");
  writeFileSync(join(folder, "some/half.gguf.part"), "GGUF");
  writeFileSync(join(folder, "some/big-00002-of-00002.gguf"), "GGUF");
  const { models, freeBytes, totalBytes } = await engine.listModels(
    { folders: [join(folder, "some"), join(folder, "absent")], files: [tiny, join(folder, "absent.gguf")] },
    () => {},
    signal,
  );
  assert.deepEqual(
    models.map((it) => [it.name, it.facts?.architecture, it.memory !== undefined, it.problem !== undefined]),
    [
      ["model", "llama", true, false],
      ["broken", undefined, false, true],
      ["tiny", "llama", true, false],
    ],
  );
  assert.ok(0 < freeBytes && freeBytes <= totalBytes);
});

test("fewer reserved tokens take less memory", async () => {
  const bytes = async (contextTokens: number) => {
    const { models } = await engine.listModels({ folders: [], files: [tiny], contextTokens }, () => {}, signal);
    return models[0]!.memory!.cacheBytes;
  };
  assert.equal((await bytes(64)) / (await bytes(32)), 2);
});

test("what is said of one model by its name stands over what is said of all", async () => {
  const request = {
    folders: [],
    files: [tiny, join(folder, "some/tiny.gguf")],
    contextTokens: 64,
    byName: { tiny: { contextTokens: 32, cache: "int8" } },
  } as const;
  const { models } = await engine.listModels(request, () => {}, signal);
  const [all, named] = models.map((it) => it.memory!.cacheBytes);
  assert.equal(all! / named!, 2 * 4);
});

test("a model that is being used says so, then for how long it has been idle", async () => {
  const model: ModelSpec = { path: tiny };
  let during: readonly ModelInMemory[] = [];
  let looking: Promise<void> | undefined;
  await engine.generate({ model, prompt, maxTokens: 20 }, () => void (looking ??= look()), signal);
  await looking;
  assert.deepEqual(
    during.map((it) => [it.model.path, it.users, it.idleMs]),
    [[tiny, 1, 0]],
  );
  await pause(30);
  const [idle] = await loaded();
  assert.ok(idle!.users === 0 && 25 <= idle!.idleMs && idle!.idleMs < 10_000, JSON.stringify(idle));
  assert.ok(0 < idle!.memoryBytes!);
  assert.equal(await engine.unload({ model }, () => {}, signal), true);
  assert.deepEqual(await loaded(), []);

  async function look(): Promise<void> {
    during = await loaded();
  }
});

test("an idle model is unloaded after the time of its setting, and loaded again when it is asked for", async () => {
  const model: ModelSpec = { path: tiny, unloadAfterMinutes: SOON };
  const first = await engine.generate({ model, prompt, maxTokens: 5 }, () => {}, signal);
  assert.equal((await loaded()).length, 1);
  await pause(500);
  assert.equal((await loaded()).length, 0);
  const second = await engine.generate({ model, prompt, maxTokens: 5 }, () => {}, signal);
  assert.equal(second.text, first.text);
});

test("a model whose setting is 0 stays, and the last call's setting counts", async () => {
  await engine.generate({ model: { path: tiny, unloadAfterMinutes: SOON }, prompt, maxTokens: 1 }, () => {}, signal);
  await engine.generate({ model: { path: tiny, unloadAfterMinutes: 0 }, prompt, maxTokens: 1 }, () => {}, signal);
  await pause(500);
  assert.equal((await loaded()).length, 1);
  await engine.unload({ model: { path: tiny } }, () => {}, signal);
});

test("a model that is unloaded while it writes ends its text first", async () => {
  const model: ModelSpec = { path: tiny };
  const request = { model, prompt, maxTokens: 20 };
  const whole = await engine.generate(request, () => {}, signal);
  let unloading: Promise<boolean> | undefined;
  const { text } = await engine.generate(request, () => void (unloading ??= engine.unload({ model }, () => {}, signal)), signal); // prettier-ignore
  assert.equal(text, whole.text);
  assert.equal(await unloading, true);
  assert.deepEqual(await loaded(), []);
  // Whoever comes while the old one is still at work has a new one.
  assert.equal((await engine.generate(request, () => {}, signal)).text, whole.text);
  assert.equal(await engine.unload({ model }, () => {}, signal), true);
});

test("a model is not called idle while one of its calls is still at work", async () => {
  const idle: ModelSpec[] = [];
  const uses = createModelUses({ keyOf: (it) => it.path, onIdle: (it) => idle.push(it), now: () => performance.now() });
  const spec: ModelSpec = { path: "a", unloadAfterMinutes: 0.0005 };
  assert.equal(uses.isBusy(), false);
  const [endFirst, endSecond] = [uses.begin(spec), uses.begin(spec)];
  endFirst();
  assert.equal(uses.isBusy(), true);
  endFirst(); // a second time is of no account
  await pause(80);
  assert.deepEqual([idle, uses.of(spec).users], [[], 1]);
  endSecond();
  const endThird = uses.begin(spec);
  await pause(80);
  assert.deepEqual(idle, []);
  endThird();
  await pause(80);
  assert.deepEqual(idle, [spec]);
  assert.equal(uses.isBusy(), false);
});

test("what is recommended fits into the machine, the strongest first, and grows with it", () => {
  const names = (gigabytes: number) => recommendedModels(gigabytes * 1e9).map((it) => it.name);
  assert.deepEqual(names(1), []);
  assert.deepEqual(names(4), ["Qwen3 0.6B", "SmolLM2 360M"]);
  assert.deepEqual(names(8)[0], "Qwen3 1.7B");
  assert.deepEqual(names(32)[0], "Qwen3 8B");
  for (const it of recommendedModels(1e12)) assert.ok(it.sizeBytes < it.memoryBytes && it.licence !== "", it.name);
});

async function loaded(): Promise<readonly ModelInMemory[]> {
  return (await engine.listModels({ folders: [] }, () => {}, signal)).loaded;
}
