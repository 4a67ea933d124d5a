// The contract, kept by an engine in this process.

import { silentLog } from "../../src/base/log.js";
import { createLocalApi } from "../../src/host/localApi.js";
import { checkEngineContract } from "./contract.js";
import { createFakeApi, fakeModel } from "./fakeApi.js";
import { realModel } from "./realHost.js";

checkEngineContract("fake, in process", fakeModel, async () => createFakeApi());
checkEngineContract("real, in process", realModel, async () => createLocalApi({ log: silentLog }));
