// A program that uses a host: makes one call, prints the host's process id, then waits for ever ("stay") or is done.

import { silentLog } from "../../src/base/log.js";
import { HostSupervisor } from "../../src/client/hostSupervisor.js";
import { startNodeChannel } from "../../src/client/nodeChannel.js";
import { fakeModel as model } from "./fakeApi.js";

const start = () => startNodeChannel({ modulePath: process.argv[2]!, log: silentLog });
const supervisor = new HostSupervisor({ start, log: silentLog });
await supervisor.api.load({ model }, () => {}, new AbortController().signal);
if (supervisor.state.kind === "ready") console.log(supervisor.state.pid);
if (process.argv[3] === "stay") setInterval(() => {}, 1000);
