// Nothing leaves the machine: a host that loads, writes and runs opens no socket, neither in JavaScript nor in native code.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { silentLog } from "../../src/base/log.js";
import { HostSupervisor } from "../../src/client/hostSupervisor.js";
import { startNodeChannel } from "../../src/client/nodeChannel.js";
import type { ModelSpec } from "../../src/protocol/engine.js";
import { fakeModel } from "./fakeApi.js";
import { internetSockets } from "./internetSockets.js";
import { realHost, realModel } from "./realHost.js";

const folder = mkdtempSync(join(tmpdir(), "tiller-no-sockets-"));
after(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;
const fakeHost = fileURLToPath(new URL("./fakeHost.js", import.meta.url));
const onLinux = { skip: process.platform !== "linux" && "only Linux tells what a process holds open" };

test("a host without a model touches no network", async () => {
  assert.deepEqual(await attempts("plain", fakeHost, fakeModel, "one two"), []);
});

test("the engine touches no network", async () => {
  assert.deepEqual(await attempts("engine", realHost, realModel, "one two"), []);
});

test("the watch notices a connection that is tried", async () => {
  assert.deepEqual(await attempts("connects", fakeHost, fakeModel, "!connect"), ["net.Socket.connect"]);
});

test("the watch notices a name that is looked up", async () => {
  assert.deepEqual(await attempts("looks-up", fakeHost, fakeModel, "!lookup"), ["dns.lookup"]);
});

test("a host without a model holds no socket of the internet open", onLinux, async () => {
  assert.deepEqual(await openSockets(fakeHost, fakeModel, "one two"), []);
});

test("the engine holds no socket of the internet open", onLinux, async () => {
  assert.deepEqual(await openSockets(realHost, realModel, "one two"), []);
});

test("the list of open sockets shows those that listen", onLinux, async () => {
  const sockets = await openSockets(fakeHost, fakeModel, "!listen");
  assert.equal(sockets.length, 2); // one opened while reading tokens, one while writing
  for (const socket of sockets) assert.match(socket, /^tcp 0100007F:/);
});

/** Every try to reach the network while the host loads, writes, reads tokens and runs a prompt. */
async function attempts(name: string, modulePath: string, model: ModelSpec, text: string): Promise<string[]> {
  const record = join(folder, name);
  const execArgv = ["--import", new URL("./refuseNetwork.js", import.meta.url).href];
  const channel = () =>
    startNodeChannel({ modulePath, log: silentLog, env: { TILLER_NETWORK_RECORD: record }, execArgv });
  const supervisor = new HostSupervisor({ start: channel, log: silentLog });
  await exercise(supervisor, model, text).catch(() => {}); // a refused connection fails the call; the record tells it
  supervisor.dispose();
  const [ready, ...tried] = readFileSync(record, "utf8").trimEnd().split("\n");
  assert.equal(ready, "ready", "the watch was there");
  return tried;
}

async function openSockets(modulePath: string, model: ModelSpec, text: string): Promise<string[]> {
  const supervisor = new HostSupervisor({
    start: () => startNodeChannel({ modulePath, log: silentLog }),
    log: silentLog,
  });
  await exercise(supervisor, model, text);
  assert.ok(supervisor.state.kind === "ready");
  const sockets = internetSockets(supervisor.state.pid);
  supervisor.dispose();
  return sockets;
}

async function exercise({ api }: HostSupervisor, model: ModelSpec, text: string): Promise<void> {
  await api.load({ model }, ignore, never);
  await api.tokenize({ model, prompt: { type: "text", text } }, ignore, never);
  await api.generate({ model, prompt: { type: "text", text }, maxTokens: 3 }, ignore, never);
  await api.run({ model, path: join(folder, "a.prompt"), text: "Say hi.\n", maxTokens: 3 }, ignore, never);
}

function ignore(): void {}
