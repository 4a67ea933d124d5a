// Which graph serves a request, and when graphs come and go.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createDecoders } from "../../src/engine/decoders.js";
import type { Hook, Hooks, HookValues } from "../../src/engine/graph/hooks.js";
import type { Decoder } from "../../src/engine/ort/decoder.js";

const hooks = (...names: Hook[]): Hooks => new Set(names);

const valuesOf = (name: string): HookValues => new Map([[name, { dims: [1], data: Float32Array.of(0) }]]);

/** Decoders that only say what they were made with. */
function setup({ keepPlain }: { readonly keepPlain: boolean }) {
  const made: string[] = [];
  const disposed: string[] = [];
  const names = new Map<Decoder, string>();
  const create = async (wanted: Hooks, fixed?: HookValues): Promise<Decoder> => {
    await Promise.resolve();
    const held = fixed === undefined ? "" : ` with ${[...fixed.keys()].join()}`;
    const name = ([...wanted].sort().join("+") || "plain") + held;
    made.push(name);
    if (wanted.has("lora.down")) throw new Error("no memory");
    const decoder = { dispose: async () => void disposed.push(name) } as unknown as Decoder;
    names.set(decoder, name);
    return decoder;
  };
  const decoders = createDecoders({ create, keepPlain });
  const acquire = async (wanted: Hooks, key?: string) => {
    const { decoder, isFixed, release } = await decoders.acquire(wanted, key);
    return { name: names.get(decoder)!, isFixed, release };
  };
  const fix = (key: string, wanted: Hooks) => decoders.fix({ key, hooks: wanted, values: valuesOf(key) });
  return { made, disposed, decoders, acquire, fix };
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

test("a graph that holds adapters serves those who have just them, and no others", async () => {
  const { acquire, fix } = setup({ keepPlain: true });
  await fix("a", hooks("lora.qkv"));
  assert.deepEqual(namesOf(await acquire(hooks("lora.qkv"), "a")), ["lora.qkv with a", true]);
  assert.deepEqual(namesOf(await acquire(hooks("lora.qkv"), "b")), ["lora.qkv", false]);
  assert.deepEqual(namesOf(await acquire(hooks("lora.qkv"))), ["lora.qkv", false]);
  assert.deepEqual(namesOf(await acquire(hooks())), ["plain", false]);
  // Whoever wants more than it has gets a graph with inputs for everything.
  assert.deepEqual(namesOf(await acquire(hooks("lora.qkv", "positions"), "a")), ["lora.qkv+positions", false]);
});

test("another one takes its place, once nobody uses it any more", async () => {
  const { acquire, fix, disposed, decoders } = setup({ keepPlain: true });
  await fix("a", hooks("lora.qkv"));
  assert.equal(decoders.isUsed(), false);
  const first = await acquire(hooks("lora.qkv"), "a");
  assert.equal(decoders.isUsed(), true);
  await fix("b", hooks("lora.qkv"));
  assert.equal((await acquire(hooks("lora.qkv"), "a")).name, "lora.qkv");
  assert.deepEqual(disposed, []);
  first.release();
  await Promise.resolve();
  assert.deepEqual(disposed, ["lora.qkv with a"]);
});

test("where it cannot be made, adapters stay inputs, and the one before stays", async () => {
  const { acquire, fix, disposed } = setup({ keepPlain: true });
  await fix("a", hooks("lora.qkv"));
  await assert.rejects(fix("b", hooks("lora.down")), /no memory/);
  assert.equal((await acquire(hooks("lora.qkv"), "a")).isFixed, true);
  assert.deepEqual(disposed, []);
});

const namesOf = ({ name, isFixed }: { readonly name: string; readonly isFixed: boolean }) => [name, isFixed];
