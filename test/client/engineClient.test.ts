// The client of a host, told by a fake channel what the host says.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { TillerError } from "../../src/base/error.js";
import { EngineClient, type EngineClientOptions } from "../../src/client/engineClient.js";
import type { GenerateEvent, GenerateResult, TokenizeResult } from "../../src/protocol/engine.js";
import { FakeChannel, settle } from "./fakeChannel.js";

const never = new AbortController().signal;
const model = { path: "/m.gguf" };
const prompt = { type: "text", text: "a" } as const;
const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 2, prefillMs: 1, decodeMs: 2 };
const done: GenerateResult = { text: "xy", ids: [1, 2], finish: "stop", usage };
const tokens: TokenizeResult = { ids: [1], tokens: ["a"], special: [], text: "a" };

let channel: FakeChannel;
let ends: string[];
beforeEach(() => {
  channel = new FakeChannel();
  ends = [];
});

test("a call waits for the hello, and its events come before its result, in order", async () => {
  const client = connect();
  const events: GenerateEvent[] = [];
  const call = client.api.generate({ model, prompt }, (it) => events.push(it), never);
  await settle();
  assert.deepEqual(channel.log, []);
  channel.hello();
  await settle();
  assert.deepEqual(channel.log, ["call 0 generate"]);
  channel.say(
    { type: "event", id: 0, event: { type: "text", text: "x" } },
    { type: "event", id: 0, event: { type: "text", text: "y" } },
    { type: "done", id: 0, result: done },
  );
  assert.equal(events.length, 2);
  assert.deepEqual(await call, done);
  assert.deepEqual(events, [
    { type: "text", text: "x" },
    { type: "text", text: "y" },
  ]);
});

test("answers find their own call, whatever their order", async () => {
  const client = connect();
  channel.hello();
  const first = client.api.tokenize({ model, prompt }, ignore, never);
  const second = client.api.tokenize({ model, prompt }, ignore, never);
  await settle();
  channel.say({ type: "done", id: 1, result: { ...tokens, text: "second" } });
  channel.say({ type: "done", id: 0, result: { ...tokens, text: "first" } });
  assert.equal((await first).text, "first");
  assert.equal((await second).text, "second");
});

test("a host of another version gets no call, and is ended", async () => {
  const client = connect();
  const call = client.api.tokenize({ model, prompt }, ignore, never);
  channel.hello(99);
  await rejectsWith(call, "host-exited", /version 99 .* speaks \d+.*reinstall/);
  assert.deepEqual(channel.log, []);
  assert.ok(channel.killed);
  assert.equal(ends.length, 1);
});

test("a host that never says hello is ended after the start time", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const client = connect({ startTimeoutMs: 3000 });
    const call = client.api.tokenize({ model, prompt }, ignore, never);
    mock.timers.tick(2999);
    await settle();
    assert.ok(!channel.killed);
    mock.timers.tick(1);
    await rejectsWith(call, "host-exited", /did not answer within 3 s/);
    assert.ok(channel.killed);
  } finally {
    mock.timers.reset();
  }
});

test("when the host exits, every call in flight fails with the reason and later ones are refused", async () => {
  const client = connect();
  channel.hello();
  const calls = [
    client.api.tokenize({ model, prompt }, ignore, never),
    client.api.generate({ model, prompt }, ignore, never),
  ];
  await settle();
  channel.exit("its process crashed (SIGSEGV)");
  for (const call of calls) await rejectsWith(call, "host-exited", /The engine stopped: .*SIGSEGV/);
  await rejectsWith(client.api.tokenize({ model, prompt }, ignore, never), "host-exited", /SIGSEGV/);
  assert.equal(channel.log.length, 2);
  assert.deepEqual(ends.length, 1);
});

test("the end is told before the calls fail of it, so that a caller who tries again finds it known", async () => {
  const order: string[] = [];
  const client = connect({ onEnd: () => order.push("end") });
  channel.hello();
  const call = client.api.tokenize({ model, prompt }, ignore, never).catch(() => order.push("call"));
  await settle();
  channel.exit("x");
  await call;
  assert.deepEqual(order, ["end", "call"]);
});

test("a failure of the world comes back with its code, a bug as a plain error", async () => {
  const client = connect();
  channel.hello();
  const missing = client.api.tokenize({ model, prompt }, ignore, never);
  const bug = client.api.tokenize({ model, prompt }, ignore, never);
  await settle();
  channel.say({ type: "failed", id: 0, code: "model-not-found", message: "no such file" });
  channel.say({ type: "failed", id: 1, code: "bug", message: "x is undefined" });
  await rejectsWith(missing, "model-not-found", /^no such file$/);
  await assert.rejects(bug, (error) => error instanceof Error && !(error instanceof TillerError));
});

test("a cancelled generate gives what the host sends, with the text so far", async () => {
  const client = connect();
  channel.hello();
  const controller = new AbortController();
  const texts: string[] = [];
  const call = client.api.generate(
    { model, prompt },
    (it) => it.type === "text" && texts.push(it.text),
    controller.signal,
  );
  await settle();
  controller.abort();
  assert.deepEqual(channel.log, ["call 0 generate", "cancel 0"]);
  channel.say({ type: "event", id: 0, event: { type: "text", text: "x" } });
  channel.say({ type: "done", id: 0, result: { ...done, text: "x", finish: "cancelled" } });
  assert.equal((await call).finish, "cancelled");
  assert.deepEqual(texts, ["x"]);
});

test("any other cancelled call rejects with the signal's own reason", async () => {
  const client = connect();
  channel.hello();
  const controller = new AbortController();
  const call = client.api.tokenize({ model, prompt }, ignore, controller.signal);
  await settle();
  const reason = new Error("not needed any more");
  controller.abort(reason);
  channel.say({ type: "cancelled", id: 0 });
  await assert.rejects(call, (error) => error === reason);
});

test("a call that was cancelled before it began does not reach the host", async () => {
  const client = connect();
  channel.hello();
  const reason = new Error("too late");
  const signal = AbortSignal.abort(reason);
  const result = await client.api.generate({ model, prompt }, ignore, signal);
  assert.deepEqual([result.text, result.finish], ["", "cancelled"]);
  const run = await client.api.run({ model, path: "/a.prompt" }, ignore, signal);
  assert.equal(run.finish, "cancelled");
  await assert.rejects(client.api.load({ model }, ignore, signal), (error) => error === reason);
  assert.deepEqual(channel.log, []);
});

test("a call can be cancelled while its host is still starting", async () => {
  const client = connect();
  const controller = new AbortController();
  const call = client.api.generate({ model, prompt }, ignore, controller.signal);
  await settle();
  controller.abort();
  assert.equal((await call).finish, "cancelled");
  channel.hello();
  await settle();
  assert.deepEqual(channel.log, []);
});

test("a cancel after the answer is not sent", async () => {
  const client = connect();
  channel.hello();
  const controller = new AbortController();
  const call = client.api.generate({ model, prompt }, ignore, controller.signal);
  await settle();
  channel.say({ type: "done", id: 0, result: done });
  await call;
  controller.abort();
  assert.deepEqual(channel.log, ["call 0 generate"]);
});

test("late and unknown answers are ignored", async () => {
  const client = connect();
  channel.hello();
  const events: GenerateEvent[] = [];
  const call = client.api.generate({ model, prompt }, (it) => events.push(it), never);
  await settle();
  channel.say({ type: "done", id: 0, result: done });
  await call;
  channel.say({ type: "event", id: 0, event: { type: "text", text: "late" } });
  channel.say({ type: "done", id: 0, result: done });
  channel.say({ type: "failed", id: 7, code: "usage", message: "nobody asked" });
  assert.deepEqual(events, []);
});

test("a host that does not obey a cancel in time is ended", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const client = connect({ cancelGraceMs: 5000 });
    channel.hello();
    const controller = new AbortController();
    const cancelled = client.api.generate({ model, prompt }, ignore, controller.signal);
    const other = client.api.tokenize({ model, prompt }, ignore, never);
    await settle();
    controller.abort();
    mock.timers.tick(4999);
    assert.ok(!channel.killed);
    mock.timers.tick(1);
    assert.ok(channel.killed);
    await rejectsWith(cancelled, "host-exited", /went on with "generate" for 5 s after that was cancelled/);
    await rejectsWith(other, "host-exited", /went on with "generate"/);
  } finally {
    mock.timers.reset();
  }
});

test("a host that obeys a cancel lives on", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const client = connect({ cancelGraceMs: 5000 });
    channel.hello();
    const controller = new AbortController();
    const call = client.api.generate({ model, prompt }, ignore, controller.signal);
    await settle();
    controller.abort();
    channel.say({ type: "done", id: 0, result: { ...done, finish: "cancelled" } });
    await call;
    mock.timers.tick(60_000);
    assert.ok(!channel.killed);
  } finally {
    mock.timers.reset();
  }
});

test("a listener that throws spoils its own call and no other", async () => {
  const client = connect();
  channel.hello();
  const spoiled = client.api.generate(
    { model, prompt },
    () => {
      throw new Error("the listener is wrong");
    },
    never,
  );
  const good = client.api.tokenize({ model, prompt }, ignore, never);
  await settle();
  channel.say({ type: "event", id: 0, event: { type: "text", text: "x" } });
  channel.say({ type: "done", id: 1, result: tokens });
  await assert.rejects(spoiled, /the listener is wrong/);
  assert.deepEqual(await good, tokens);
  assert.deepEqual(channel.log, ["call 0 generate", "call 1 tokenize", "cancel 0"]);
});

test("closing fails calls in flight, and is not reported as a crash", async () => {
  const client = connect();
  channel.hello();
  const call = client.api.tokenize({ model, prompt }, ignore, never);
  await settle();
  client.close("it was asked to stop");
  await rejectsWith(call, "host-exited", /it was asked to stop/);
  assert.ok(channel.killed);
  assert.deepEqual(ends, []);
});

test("the channel keeps the process alive exactly while somebody waits", async () => {
  const client = connect();
  assert.equal(channel.references, 1);
  channel.hello();
  assert.equal(channel.references, 0);
  const first = client.api.tokenize({ model, prompt }, ignore, never);
  const second = client.api.tokenize({ model, prompt }, ignore, never);
  await settle();
  assert.equal(channel.references, 1);
  channel.say({ type: "done", id: 0, result: tokens });
  await first;
  assert.equal(channel.references, 1);
  channel.say({ type: "done", id: 1, result: tokens });
  await second;
  assert.equal(channel.references, 0);
});

test("what the host logs arrives in our log, even before the hello", () => {
  const lines: string[] = [];
  connect({ log: { write: (level, message) => lines.push(`${level} ${message}`) } });
  channel.say({ type: "log", level: "warn", message: "starting slowly" });
  assert.deepEqual(lines, ["warn starting slowly"]);
});

function connect(options: Partial<EngineClientOptions> = {}): EngineClient {
  return new EngineClient(channel, {
    log: { write() {} },
    onEnd: (error) => ends.push(error.message),
    ...options,
  });
}

async function rejectsWith(promise: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof TillerError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

function ignore(): void {}
