/** All that a host can do, done in this process: the engine, and the runner of prompts on it. */

import type { Log } from "../base/log.js";
import { checkModelFile } from "../engine/checkModelFile.js";
import { createLocalEngine } from "../engine/localEngine.js";
import type { HostApi } from "../protocol/host.js";
import { createComparer } from "../runner/compare/createComparer.js";
import { nodeFiles } from "../runner/nodeFiles.js";
import { createPromptRunner } from "../runner/promptRunner.js";
import { createPromptTester } from "../runner/tests/testRunner.js";

export interface LocalApi extends HostApi {
  /** Frees all models. Calls in flight fail. */
  dispose(): Promise<void>;
}

export function createLocalApi({ log }: { readonly log: Log }): LocalApi {
  const engine = createLocalEngine({ log });
  const runner = createPromptRunner({ engine, files: nodeFiles });
  return {
    ...engine,
    ...runner,
    ...createPromptTester({ engine, files: nodeFiles }),
    ...createComparer({ engine, files: nodeFiles }),
    async pull(request, onEvent, signal) {
      // Loaded by the user's word alone: nothing else of this process knows the network.
      const { pull } = await import("../download/pull.js");
      return pull(request, { env: process.env, check: checkModelFile }, onEvent, signal);
    },
  };
}
