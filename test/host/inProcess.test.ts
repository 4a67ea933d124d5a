// The contract, kept by an engine in this process.

import { checkEngineContract } from "./contract.js";
import { createFakeApi, fakeModel } from "./fakeApi.js";

checkEngineContract("fake, in process", fakeModel, async () => createFakeApi());
