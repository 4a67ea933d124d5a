// Which graph serves a request, and when graphs come and go.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createDecoders } from "../../src/engine/decoders.js";
import type { Hook, Hooks } from "../../src/engine/graph/hooks.js";
import type { Decoder } from "../../src/engine/ort/decoder.js";

const hooks = (...names: Hook[]): Hooks => new Set(names);

/** Decoders that only say what they were made with. */
function setup({ keepPlain }: { readonly keepPlain: boolean }) {
  const made: string[] = [];
  const disposed: string[] = [];
  const names = new Map<Decoder, string>();
  const create = async (wanted: Hooks): Promise<Decoder> => {
    await Promise.resolve();
    const name = [...wanted].sort().join("+") || "plain";
    made.push(name);
    if (wanted.has("lora.down")) throw new Error("no memory");
    const decoder = { dispose: async () => void disposed.push(name) } as unknown as Decoder;
    names.set(decoder, name);
    return decoder;
  };
  const decoders = createDecoders({ create, keepPlain });
  const acquire = async (wanted: Hooks) => {
    const { decoder, release } = await decoders.acquire(wanted);
    return { name: names.get(decoder)!, release };
  };
  return { made, disposed, decoders, acquire };
}

test("a request without adapters runs on the graph without hooks, also when there is another", async () => {
  const { acquire, made } = setup({ keepPlain: true });
  assert.equal((await acquire(hooks())).name, "plain");
  assert.equal((await acquire(hooks("lora.qkv"))).name, "lora.qkv");
  assert.equal((await acquire(hooks())).name, "plain");
  assert.deepEqual(made, ["plain", "lora.qkv"]);
});

test("a graph with more hooks takes the place of one with fewer, once nobody uses that any more", async () => {
  const { acquire, disposed } = setup({ keepPlain: true });
  const first = await acquire(hooks("lora.qkv"));
  const second = await acquire(hooks("inputScale.down"));
  assert.equal(second.name, "inputScale.down+lora.qkv");
  assert.deepEqual(disposed, []);
  first.release();
  first.release();
  await Promise.resolve();
  assert.deepEqual(disposed, ["lora.qkv"]);
  assert.equal((await acquire(hooks("lora.qkv"))).name, "inputScale.down+lora.qkv");
});

test("a request that only steers does not pay for the hooks of other adapters", async () => {
  const { acquire, made, disposed } = setup({ keepPlain: true });
  await acquire(hooks("lora.qkv"));
  assert.equal((await acquire(hooks("steer"))).name, "steer");
  assert.equal((await acquire(hooks("steer", "lora.qkv"))).name, "lora.qkv+steer");
  assert.equal((await acquire(hooks("steer"))).name, "steer");
  assert.deepEqual(made, ["lora.qkv", "steer", "lora.qkv+steer"]);
  assert.deepEqual(disposed, []);
});

test("of a large model there is one graph, which serves all", async () => {
  const { acquire, disposed } = setup({ keepPlain: false });
  (await acquire(hooks())).release();
  (await acquire(hooks("lora.qkv"))).release();
  assert.equal((await acquire(hooks())).name, "lora.qkv");
  assert.deepEqual(disposed, ["plain"]);
});

test("requests at once wait for one graph", async () => {
  const { acquire, made } = setup({ keepPlain: true });
  await Promise.all([acquire(hooks("lora.qkv")), acquire(hooks("lora.qkv"))]);
  assert.deepEqual(made, ["lora.qkv"]);
});

test("a graph that cannot be made leaves everything as it was", async () => {
  const { acquire, disposed } = setup({ keepPlain: false });
  (await acquire(hooks())).release();
  await assert.rejects(acquire(hooks("lora.down")), /no memory/);
  assert.equal((await acquire(hooks())).name, "plain");
  assert.deepEqual(disposed, []);
});

test("all graphs go with the model", async () => {
  const { acquire, decoders, disposed } = setup({ keepPlain: true });
  await acquire(hooks());
  await acquire(hooks("lora.qkv"));
  await decoders.dispose();
  assert.deepEqual(disposed, ["plain", "lora.qkv"]);
});
