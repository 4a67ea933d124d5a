// When hosts are started, given up and started again. Time is the test's own.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { HostSupervisor, type HostState, type HostSupervisorOptions } from "../../src/client/hostSupervisor.js";
import { FakeChannel, settle } from "./fakeChannel.js";

const never = new AbortController().signal;
const request = { model: { path: "/m.gguf" }, prompt: { type: "text", text: "a" } } as const;
const tokens = { ids: [1], tokens: ["a"], special: [], text: "a" };

let hosts: FakeChannel[];
let states: string[];
let supervisor: HostSupervisor;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  hosts = [];
  states = [];
});
afterEach(() => {
  supervisor.dispose();
  mock.timers.reset();
});

test("nothing is started before the first call", () => {
  supervise();
  assert.equal(hosts.length, 0);
  assert.deepEqual(supervisor.state, { kind: "stopped" });
});

test("the first call starts a host, and the next ones use it", async () => {
  supervise();
  await goodCall();
  await goodCall();
  assert.equal(hosts.length, 1);
  assert.deepEqual(states, ["starting", "ready"]);
});

test("calls made at once start one host", async () => {
  supervise();
  const calls = [ask(), ask()];
  await settle();
  assert.equal(hosts.length, 1);
  hosts[0]!.hello();
  await settle();
  hosts[0]!.say({ type: "done", id: 0, result: tokens }, { type: "done", id: 1, result: tokens });
  await Promise.all(calls);
});

test("after the first crash the next call starts another host at once", async () => {
  supervise();
  await crash();
  assert.deepEqual(states, ["starting", "ready", "crashed, again in 0"]);
  await goodCall();
  assert.equal(hosts.length, 2);
});

test("a call that was in flight at a crash fails and is not made again", async () => {
  supervise();
  await crash();
  await goodCall();
  assert.deepEqual(hosts[1]!.log, ["call 0 tokenize"]);
});

test("pauses grow with each crash, and a call waits for the end of the pause", async () => {
  supervise({ pausesMs: [0, 1000, 2000] });
  await crash();
  await crash();
  const call = ask();
  await settle();
  assert.equal(hosts.length, 2);
  mock.timers.tick(999);
  await settle();
  assert.equal(hosts.length, 2);
  mock.timers.tick(1);
  await settle();
  assert.equal(hosts.length, 3);
  hosts[2]!.hello();
  await settle();
  hosts[2]!.exit("again");
  await assert.rejects(call, { code: "host-exited" });
  assert.deepEqual(states.slice(-4), ["stopped", "starting", "ready", "crashed, again in 2000"]);
});

test("a call that waits for the end of a pause can be cancelled", async () => {
  supervise({ pausesMs: [5000] });
  await crash();
  const controller = new AbortController();
  const reason = new Error("enough");
  const call = supervisor.api.tokenize(request, ignore, controller.signal);
  await settle();
  controller.abort(reason);
  await assert.rejects(call, (error) => error === reason);
  mock.timers.tick(5000);
  await settle();
  assert.equal(hosts.length, 1);
});

test("after too many crashes the host stays down, and calls fail at once and say why", async () => {
  supervise({ pausesMs: [0, 0] });
  for (let i = 0; i < 3; i++) await crash();
  assert.equal(states.at(-1), "crashed for good");
  await assert.rejects(ask(), { code: "host-exited", message: /boom.*stays down.*restart the engine/ });
  mock.timers.tick(3_600_000);
  await assert.rejects(ask(), { code: "host-exited" });
  assert.equal(hosts.length, 3);
});

test("a host that stays down comes back when it is asked to restart, with a clean slate", async () => {
  supervise({ pausesMs: [0, 0] });
  for (let i = 0; i < 3; i++) await crash();
  const restarted = supervisor.restart();
  await settle();
  hosts.at(-1)!.hello();
  await restarted;
  assert.equal(states.at(-1), "ready");
  await crash();
  assert.equal(states.at(-1), "crashed, again in 0");
});

test("hosts that never start count as crashes", async () => {
  supervise({ pausesMs: [0], startTimeoutMs: 100 });
  for (let i = 0; i < 2; i++) {
    const call = ask();
    await settle();
    mock.timers.tick(100);
    await assert.rejects(call, { code: "host-exited", message: /did not answer within 0.1 s/ });
  }
  assert.equal(states.at(-1), "crashed for good");
});

test("a healthy minute makes earlier crashes forgotten", async () => {
  supervise({ pausesMs: [0, 1000], healthyMs: 60_000 });
  await crash();
  await goodCall();
  mock.timers.tick(60_000);
  await crash();
  assert.equal(states.at(-1), "crashed, again in 0");
});

test("time before a crash is no health after it", async () => {
  supervise({ pausesMs: [0, 0, 0], healthyMs: 60_000 });
  await goodCall();
  mock.timers.tick(59_999);
  await crash();
  mock.timers.tick(59_999);
  await crash();
  await crash();
  await crash();
  assert.equal(states.at(-1), "crashed for good");
});

test("restarting ends the host that runs, and is no crash", async () => {
  supervise();
  await goodCall();
  const restarted = supervisor.restart();
  await settle();
  assert.ok(hosts[0]!.killed);
  hosts[0]!.exit("killed");
  hosts[1]!.hello();
  await restarted;
  assert.deepEqual(states, ["starting", "ready", "stopped", "starting", "ready"]);
});

test("restarting ends a pause, and a call that waited for it goes on", async () => {
  supervise({ pausesMs: [30_000] });
  await crash();
  const call = ask();
  await settle();
  const restarted = supervisor.restart();
  await settle();
  hosts[1]!.hello();
  await restarted;
  await settle();
  hosts[1]!.say({ type: "done", id: 0, result: tokens });
  await call;
});

test("stopping fails calls in flight and waiting; the next call starts another host", async () => {
  supervise({ pausesMs: [30_000] });
  const inFlight = ask();
  await settle();
  hosts[0]!.hello();
  await settle();
  supervisor.stop();
  await assert.rejects(inFlight, { code: "host-exited", message: /asked to stop/ });
  await crash();
  const waiting = ask();
  await settle();
  supervisor.stop();
  await assert.rejects(waiting, { code: "host-exited", message: /asked to stop/ });
  await goodCall();
  assert.equal(hosts.length, 3);
});

test("after dispose there is no host and no call", async () => {
  supervise();
  await goodCall();
  supervisor.dispose();
  assert.ok(hosts[0]!.killed);
  await assert.rejects(ask(), { code: "host-exited", message: /Tiller was closed/ });
  assert.equal(hosts.length, 1);
});

function supervise(options: Partial<HostSupervisorOptions> = {}): void {
  const start = () => {
    const host = new FakeChannel();
    hosts.push(host);
    return host;
  };
  supervisor = new HostSupervisor({ start, log: { write() {} }, ...options });
  supervisor.onState((state) => states.push(inWords(state)));
}

function inWords(state: HostState): string {
  if (state.kind !== "crashed") return state.kind;
  return state.retryInMs === undefined ? "crashed for good" : `crashed, again in ${state.retryInMs}`;
}

function ask(): Promise<unknown> {
  return supervisor.api.tokenize(request, ignore, never);
}

/** A call that starts a host if there is none, and is answered. */
async function goodCall(): Promise<void> {
  const call = ask();
  await settle();
  const host = hosts.at(-1)!;
  if (supervisor.state.kind === "starting") host.hello();
  await settle();
  const last = host.sent.at(-1);
  host.say({ type: "done", id: last!.id, result: tokens });
  await call;
}

/** A call during which the host crashes. */
async function crash(): Promise<void> {
  const call = ask();
  await settle();
  const host = hosts.at(-1)!;
  if (supervisor.state.kind === "starting") host.hello();
  await settle();
  host.exit("boom");
  await assert.rejects(call, { code: "host-exited" });
}

function ignore(): void {}
