// The real engine in its own process: the contract on the embedded model, and what a crash costs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { silentLog } from "../../src/base/log.js";
import { HostSupervisor } from "../../src/client/hostSupervisor.js";
import { startNodeChannel } from "../../src/client/nodeChannel.js";
import { checkEngineContract } from "./contract.js";
import { realHost, realModel as model } from "./realHost.js";

const never = new AbortController().signal;
const prompt = { type: "text", text: "1, 2, 3, 4, 5, 6, 7," } as const;

checkEngineContract("real, in a child process", model, async () => {
  const supervisor = supervise();
  return { ...supervisor.api, dispose: async () => supervisor.dispose() };
});

test("the engine killed while it writes costs that call, and the next one gives the same text", async () => {
  const supervisor = supervise();
  const before = await supervisor.api.generate({ model, prompt, maxTokens: 5 }, ignore, never);
  const call = supervisor.api.generate(
    { model, prompt, maxTokens: 200 },
    (it) => {
      if (it.type === "text" && supervisor.state.kind === "ready") process.kill(supervisor.state.pid, "SIGKILL");
    },
    never,
  );
  await assert.rejects(call, { code: "host-exited", message: /SIGKILL/ });
  const after = await supervisor.api.generate({ model, prompt, maxTokens: 5 }, ignore, never);
  assert.equal(after.text, before.text);
  supervisor.dispose();
});

function supervise(): HostSupervisor {
  const start = () => startNodeChannel({ modulePath: realHost, log: silentLog });
  return new HostSupervisor({ start, log: silentLog });
}

function ignore(): void {}
