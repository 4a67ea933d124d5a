// The real engine host and the embedded model, for tests.

import { fileURLToPath } from "node:url";

import type { ModelSpec } from "../../src/protocol/engine.js";

/** One thread: tests run beside others, and threads that wait for a core spin. */
export const realModel: ModelSpec = {
  path: fileURLToPath(new URL("../../../models/SmolLM2-135M-Instruct.Q4_1.gguf", import.meta.url)),
  contextTokens: 2048,
  threads: 1,
};

export const realHost = fileURLToPath(new URL("../../src/host/main.js", import.meta.url));
