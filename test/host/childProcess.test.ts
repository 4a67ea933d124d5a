// The contract, kept by an engine in a real child process; and what happens when that process misbehaves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import type { LogLevel } from "../../src/base/log.js";
import { HostSupervisor, type HostSupervisorOptions } from "../../src/client/hostSupervisor.js";
import { startNodeChannel } from "../../src/client/nodeChannel.js";
import { checkEngineContract } from "./contract.js";
import { fakeModel as model } from "./fakeApi.js";

const never = new AbortController().signal;
const fakeHost = fileURLToPath(new URL("./fakeHost.js", import.meta.url));
const prompt = { type: "text", text: "one two" } as const;

checkEngineContract("fake, in a child process", model, async () => {
  const { supervisor } = supervise();
  return { ...supervisor.api, dispose: async () => supervisor.dispose() };
});

test("a host killed while it writes costs that call, and the next one works", async () => {
  const { supervisor } = supervise();
  const texts: string[] = [];
  const call = supervisor.api.generate(
    { model, prompt },
    (it) => {
      if (it.type !== "text" || texts.push(it.text) !== 2) return;
      assert.ok(supervisor.state.kind === "ready");
      process.kill(supervisor.state.pid, "SIGKILL");
    },
    never,
  );
  await assert.rejects(call, { code: "host-exited", message: /SIGKILL.*memory/ });
  const { text } = await supervisor.api.generate({ model, prompt, maxTokens: 2 }, ignore, never);
  assert.equal(text, "w0 w1 ");
  supervisor.dispose();
});

test("a host that exits by itself fails the call with its code, and every other call too", async () => {
  const { supervisor } = supervise();
  const calls = [
    supervisor.api.generate({ model, prompt }, ignore, never),
    supervisor.api.generate({ model, prompt: { type: "text", text: "!exit" } }, ignore, never),
  ];
  for (const call of calls) await assert.rejects(call, { code: "host-exited", message: /ended with code 3/ });
  supervisor.dispose();
});

test("a bug in the host fails one call with its message, and its stack is in the log", async () => {
  const { supervisor, lines } = supervise();
  const call = supervisor.api.generate({ model, prompt: { type: "text", text: "!bug" } }, ignore, never);
  await assert.rejects(call, { name: "Error", message: /"generate": the fake was told to\./ });
  assert.ok(
    lines.some((it) => /^error generate: RangeError: the fake was told to\n +at /.test(it)),
    lines.join("\n"),
  );
  const { text } = await supervisor.api.generate({ model, prompt, maxTokens: 1 }, ignore, never);
  assert.equal(text, "w0 ");
  supervisor.dispose();
});

test("what native code prints is in the log", async () => {
  const { supervisor, lines } = supervise();
  await supervisor.api.tokenize({ model, prompt: { type: "text", text: "!print" } }, ignore, never);
  // The line comes through another pipe than the answer.
  while (!lines.includes("warn engine: a line of native code")) await new Promise((resolve) => setTimeout(resolve, 5));
  supervisor.dispose();
});

test("a host that hangs is killed when it does not obey a cancel, and the next call works", async () => {
  const { supervisor } = supervise({ cancelGraceMs: 200 });
  const controller = new AbortController();
  await supervisor.api.load({ model }, ignore, never);
  const hung = supervisor.api.generate({ model, prompt: { type: "text", text: "!hang" } }, ignore, controller.signal);
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(hung, { code: "host-exited", message: /after that was cancelled/ });
  const { text } = await supervisor.api.generate({ model, prompt, maxTokens: 1 }, ignore, never);
  assert.equal(text, "w0 ");
  supervisor.dispose();
});

test("a host that never says hello is given up after the start time", async () => {
  const { supervisor } = supervise({ startTimeoutMs: 300, pausesMs: [] }, "silent");
  const call = supervisor.api.tokenize({ model, prompt }, ignore, never);
  await assert.rejects(call, { code: "host-exited", message: /did not answer within 0.3 s/ });
  assert.equal(supervisor.state.kind, "crashed");
  supervisor.dispose();
});

test("a host that cannot start says why in the log, and stays down after its last chance", async () => {
  const { supervisor, lines } = supervise({ pausesMs: [0] }, "broken");
  const ask = () => supervisor.api.tokenize({ model, prompt }, ignore, never);
  await assert.rejects(ask(), { code: "host-exited", message: /ended with code 1/ });
  await assert.rejects(ask(), { code: "host-exited", message: /ended with code 1/ });
  await assert.rejects(ask(), { code: "host-exited", message: /stays down/ });
  assert.ok(
    lines.some((it) => it.includes("cannot load a library")),
    lines.join("\n"),
  );
  supervisor.dispose();
});

test("a file that is not there is a host that cannot start", async () => {
  const supervisor = new HostSupervisor({
    start: () => startNodeChannel({ modulePath: "/no/such/host.js", log: { write() {} } }),
    log: { write() {} },
    pausesMs: [],
  });
  const call = supervisor.api.tokenize({ model, prompt }, ignore, never);
  await assert.rejects(call, { code: "host-exited" });
  supervisor.dispose();
});

test("typed arrays cross the process as they are", async () => {
  const { supervisor } = supervise();
  const ids = Int32Array.of(1, 20, 300);
  const { text } = await supervisor.api.tokenize(
    { model, prompt: { type: "ids", ids: ids as unknown as number[] } },
    ignore,
    never,
  );
  assert.equal(text, "1 20 300"); // a plain object would have no join
  supervisor.dispose();
});

function supervise(
  options: Partial<HostSupervisorOptions> = {},
  kind = "",
): { readonly supervisor: HostSupervisor; readonly lines: string[] } {
  const lines: string[] = [];
  const log = { write: (level: LogLevel, message: string) => void lines.push(`${level} ${message}`) };
  const start = () => startNodeChannel({ modulePath: fakeHost, log, env: { FAKE_HOST: kind } });
  return { supervisor: new HostSupervisor({ start, log, ...options }), lines };
}

function ignore(): void {}
