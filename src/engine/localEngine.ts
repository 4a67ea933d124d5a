/** The engine in this process: models are loaded on first use, once for each spec, and shared by all callers. */

import { availableParallelism } from "node:os";

import type { Log } from "../base/log.js";
import type { Adaptation } from "../protocol/adapter.js";
import type { Engine, GenerateRequest, LoadEvent, ModelSpec, OnEvent } from "../protocol/engine.js";
import { generate } from "./decode/generate.js";
import { generateRows } from "./decode/generateRows.js";
import { isIdle } from "./decode/openBranch.js";
import { encodePrompt } from "./decode/promptIds.js";
import { score } from "./decode/score.js";
import { route } from "./decode/route.js";
import { listAdapters } from "./adapters/openAdapter.js";
import { openReader } from "./reader.js";
import { modelFacts } from "./gguf/modelFacts.js";
import { openModelFile } from "./gguf/modelFile.js";
import { loadModel, type LoadedModel } from "./loadedModel.js";
import { refuseTelemetry } from "./ort/noTelemetry.js";
import { testCache, type CacheTest } from "./ort/selfTest.js";
import { tokenText } from "./decode/tokenText.js";
import { walkConstraint } from "./decode/walkConstraint.js";

export interface LocalEngine extends Engine {
  /** How caches are kept on this machine, and why. */
  cacheTest(): Promise<CacheTest>;
  /** Frees all models. Calls in flight fail. */
  dispose(): Promise<void>;
}

export interface LocalEngineOptions {
  readonly log: Log;
}

/** More threads than this make a decode step slower on the machines we know. */
const MOST_THREADS = 8;

export function createLocalEngine({ log }: LocalEngineOptions): LocalEngine {
  refuseTelemetry();
  const loaded = new Map<string, Promise<LoadedModel>>();
  let tested: Promise<CacheTest> | undefined;
  const cacheTest = () => (tested ??= testCache());

  async function load(spec: ModelSpec, onEvent: OnEvent<LoadEvent>, adaptation: Adaptation = {}): Promise<LoadedModel> {
    const key = specKey(spec);
    const known = loaded.get(key);
    if (known !== undefined) return known;
    const loading = start(spec, adaptation, onEvent);
    loaded.set(key, loading);
    // A load that failed must not be remembered: the user may mend the file and try again.
    loading.catch(() => loaded.delete(key));
    return loading;
  }

  /** For calls without a partial result: a cancel that came while the model was loaded rejects with its reason. */
  async function loadUnless(
    signal: AbortSignal,
    spec: ModelSpec,
    onEvent: OnEvent<LoadEvent>,
    adaptation?: Adaptation,
  ): Promise<LoadedModel> {
    signal.throwIfAborted();
    const model = await load(spec, onEvent, adaptation);
    signal.throwIfAborted();
    return model;
  }

  async function start(spec: ModelSpec, adaptation: Adaptation, onEvent: OnEvent<LoadEvent>): Promise<LoadedModel> {
    const { kind, reason } = await cacheTest();
    if (reason !== undefined) log.write("warn", `caches are copied with every token, which is slow: ${reason}`);
    const defaultThreads = Math.min(availableParallelism(), MOST_THREADS);
    const model = await loadModel({ spec, adaptation, cacheKind: kind, defaultThreads }, onEvent);
    log.write("info", `loaded ${spec.path} in ${Math.round(model.facts.loadMs)} ms`);
    return model;
  }

  async function unload(spec: ModelSpec): Promise<boolean> {
    const known = loaded.get(specKey(spec));
    if (known === undefined) return false;
    loaded.delete(specKey(spec));
    await (await known).dispose();
    return true;
  }

  const generateAlone: LocalEngine["generate"] = async (request, onEvent, signal) => {
    const model = await load(request.model, onEvent, request);
    const amateur = amateurOf(request);
    return generate(model, request, onEvent, signal, amateur && (await load(amateur, onEvent)));
  };

  return {
    cacheTest,
    async load({ model: spec, ...adaptation }, onEvent, signal) {
      const model = await loadUnless(signal, spec, onEvent, adaptation);
      // Also of a model that was there before.
      (await openReader(model, adaptation)).release();
      return model.facts;
    },
    async listAdapters({ path }, _onEvent, signal) {
      signal.throwIfAborted();
      const models = await Promise.allSettled(loaded.values());
      const inMemory = models.flatMap((it) => (it.status === "fulfilled" ? it.value.shelf.loaded() : []));
      return { ...(await listAdapters(path)), loaded: [...new Set(inMemory)] };
    },
    async route(request, onEvent, signal) {
      return route(await loadUnless(signal, request.model, onEvent, request), request, signal);
    },
    unload: async ({ model }) => unload(model),
    async inspect({ path }, _onEvent, signal) {
      signal.throwIfAborted();
      const file = await openModelFile(path);
      try {
        return modelFacts(file);
      } finally {
        file.close();
      }
    },
    async tokenize({ model: spec, prompt, addGenerationPrompt }, onEvent, signal) {
      const model = await loadUnless(signal, spec, onEvent);
      const { ids, text } = encodePrompt(model, prompt, { addGenerationPrompt: addGenerationPrompt ?? true });
      const { tokenizer } = model;
      return {
        ids,
        tokens: ids.map((it) => tokenText(tokenizer, it)),
        special: ids.flatMap((it, i) => (tokenizer.isSpecial(it) ? [i] : [])),
        text,
      };
    },
    generate: generateAlone,
    async generateRows(request, onEvent, signal) {
      const model = await load(request.model, onEvent);
      return generateRows(request, { model, alone: generateAlone, onEvent, signal });
    },
    constrain: async (request, onEvent, signal) =>
      walkConstraint(await loadUnless(signal, request.model, onEvent), request),
    score: async (request, onEvent, signal) =>
      score(await loadUnless(signal, request.model, onEvent, request), request, signal),
    async dispose() {
      const models = [...loaded.values()];
      loaded.clear();
      for (const it of await Promise.allSettled(models)) if (it.status === "fulfilled") await it.value.dispose();
    },
  };
}

function amateurOf({ guidance }: GenerateRequest): ModelSpec | undefined {
  if (guidance?.kind !== "contrastive" || isIdle({ guidance })) return undefined;
  return "model" in guidance.amateur ? guidance.amateur.model : undefined;
}

function specKey({ path, precision, contextTokens, threads }: ModelSpec): string {
  return JSON.stringify([path, precision ?? "fast", contextTokens ?? null, threads ?? null]);
}
