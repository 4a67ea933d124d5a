// What the status bar says while calls come and go. Time is the test's own.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import type { Call } from "../../src/client/hostCalls.js";
import { EngineWatch } from "../../src/extension/engineActivity.js";
import { modelName } from "../../src/base/modelName.js";
import { statusText } from "../../src/extension/statusText.js";
import type { EventOf, Method } from "../../src/protocol/host.js";

const never = new AbortController().signal;
const model = { path: "/m.gguf" };
const prompt = { type: "text", text: "a" } as const;

interface Made {
  readonly tell: (event: EventOf<Method>) => void;
  readonly fail: (error: Error) => void;
}
let made: Made[];
let timeMs: number;
let watch: EngineWatch;

beforeEach(() => {
  made = [];
  timeMs = 0;
  const inner: Call = (_method, _request, onEvent) =>
    new Promise((_resolve, reject) => made.push({ tell: onEvent as Made["tell"], fail: reject }));
  watch = new EngineWatch(inner, () => timeMs);
});

test("the host's own states come first", () => {
  checkStatus("$(circle-outline) Small");
  watch.hostChanged({ kind: "starting" });
  checkStatus("$(loading~spin) Small");
  watch.hostChanged({ kind: "ready", pid: 1 });
  checkStatus("$(circle-filled) Small");
});

test("a crash says why, and what happens next", () => {
  watch.hostChanged({ kind: "crashed", reason: "It died.", retryInMs: 0 });
  assert.deepEqual(status(), {
    text: "$(error) Tiller engine stopped",
    tooltip: "It died. The next request starts it again.",
    failed: true,
  });
  watch.hostChanged({ kind: "crashed", reason: "It died." });
  assert.equal(status().tooltip, "It died. Click to restart it.");
});

test("loading shows how far it is, and ends with the first other event", async () => {
  watch.hostChanged({ kind: "ready", pid: 1 });
  void generate();
  checkStatus("$(pulse) Small");
  made[0]!.tell({ type: "loading", stage: "reading", fraction: 0.25 });
  checkStatus("$(loading~spin) Small 25 %");
  made[0]!.tell({ type: "prefill", done: 1, total: 2, cached: 0 });
  checkStatus("$(pulse) Small");
});

test("speed is counted from the first text, over all that write at once", async () => {
  watch.hostChanged({ kind: "ready", pid: 1 });
  void generate();
  void generate();
  for (timeMs = 1000; timeMs <= 1100; timeMs += 10) made[0]!.tell({ type: "text", text: "x" });
  checkStatus("$(pulse) Small 100 tokens/s");
  for (timeMs = 1000; timeMs <= 1100; timeMs += 20) made[1]!.tell({ type: "text", text: "x" });
  checkStatus("$(pulse) Small 150 tokens/s");
});

test("slow models have a decimal", () => {
  watch.hostChanged({ kind: "ready", pid: 1 });
  void generate();
  for (timeMs = 0; timeMs <= 1000; timeMs += 500) made[0]!.tell({ type: "text", text: "x" });
  checkStatus("$(pulse) Small 2.0 tokens/s");
});

test("a call that failed is over", async () => {
  watch.hostChanged({ kind: "ready", pid: 1 });
  const call = generate();
  made[0]!.fail(new Error("x"));
  await call;
  checkStatus("$(circle-filled) Small");
});

test("events reach the caller too", () => {
  const seen: unknown[] = [];
  void watch.api.generate({ model, prompt }, (it) => seen.push(it), never);
  made[0]!.tell({ type: "text", text: "x" });
  assert.deepEqual(seen, [{ type: "text", text: "x" }]);
});

test("a model is called by its file", () => {
  assert.equal(modelName("/a.b/Small-1B.Q4_1.gguf"), "Small-1B.Q4_1");
  assert.equal(modelName("C:\\models\\Small.GGUF"), "Small");
});

async function generate(): Promise<void> {
  await watch.api.generate({ model, prompt }, () => {}, never).catch(() => {});
}

function checkStatus(expected: string): void {
  assert.equal(status().text, expected);
}

function status() {
  return statusText(watch.activity, "Small");
}
