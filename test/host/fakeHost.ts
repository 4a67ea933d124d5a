// The process of a host without a model. FAKE_HOST=silent never says hello; FAKE_HOST=broken ends at its start.

import { portLog, processPort } from "../../src/host/processPort.js";
import { serve } from "../../src/host/serve.js";
import { createFakeApi } from "./fakeApi.js";

const port = processPort();
switch (process.env["FAKE_HOST"]) {
  case "silent":
    port.onMessage(() => {}); // listening is what keeps the process alive
    break;
  case "broken":
    throw new Error("cannot load a library");
  default:
    serve(createFakeApi(), port, portLog(port));
}
