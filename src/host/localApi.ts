/** All that a host can do, done in this process: the engine, and the runner of prompts on it. */

import type { Log } from "../base/log.js";
import { createLocalEngine } from "../engine/localEngine.js";
import type { HostApi } from "../protocol/host.js";
import { nodeFiles } from "../runner/nodeFiles.js";
import { createPromptRunner } from "../runner/promptRunner.js";

export interface LocalApi extends HostApi {
  /** Frees all models. Calls in flight fail. */
  dispose(): Promise<void>;
}

export function createLocalApi({ log }: { readonly log: Log }): LocalApi {
  const engine = createLocalEngine({ log });
  const runner = createPromptRunner({ engine, files: nodeFiles });
  return {
    load: (request, onEvent, signal) => obeying(signal, () => engine.load(request, onEvent, signal)),
    unload: (request, onEvent, signal) => engine.unload(request, onEvent, signal),
    inspect: (request, onEvent, signal) => obeying(signal, () => engine.inspect(request, onEvent, signal)),
    tokenize: (request, onEvent, signal) => obeying(signal, () => engine.tokenize(request, onEvent, signal)),
    generate: (request, onEvent, signal) => engine.generate(request, onEvent, signal),
    score: (request, onEvent, signal) => obeying(signal, () => engine.score(request, onEvent, signal)),
    run: (request, onEvent, signal) => runner.run(request, onEvent, signal),
    dispose: () => engine.dispose(),
  };
}

/** The engine looks at the signal between the steps of long work; calls of one step are held to it here. */
async function obeying<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const result = await call();
  signal.throwIfAborted();
  return result;
}
