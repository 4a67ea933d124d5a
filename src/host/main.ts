/** The engine host: the process in which native code runs. Forked by the client; speaks `protocol/host.ts`. */

import { createLocalApi } from "./localApi.js";
import { portLog, processPort } from "./processPort.js";
import { serve } from "./serve.js";

const port = processPort();
const log = portLog(port);
serve(createLocalApi({ log }), port, log);
