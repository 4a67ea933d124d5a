/** The engine in this process: models are loaded on first use, once for each spec, and shared by all callers. */

import { availableParallelism, totalmem } from "node:os";

import { modelName } from "../base/modelName.js";
import type { Log } from "../base/log.js";
import type { Adaptation } from "../protocol/adapter.js";
import type {
  ConstrainRequest,
  Engine,
  GenerateEvent,
  GenerateRequest,
  GenerateRowsEvent,
  GenerateRowsRequest,
  HiddenStatesEvent,
  HiddenStatesRequest,
  LoadEvent,
  LoadRequest,
  ModelInMemory,
  ModelSpec,
  OnEvent,
  RouteRequest,
  ScoreRequest,
  TokenizeRequest,
} from "../protocol/engine.js";
import type { Device, DeviceChoice } from "../protocol/device.js";
import { modelKey } from "../protocol/modelKey.js";
import { generate } from "./decode/generate.js";
import { chooseDevice } from "./chooseDevice.js";
import { describeModel } from "./describeModel.js";
import type { DeviceNeeds } from "./deviceNeeds.js";
import { generateRows } from "./decode/generateRows.js";
import { isIdle } from "./decode/idleGuidance.js";
import { hiddenStates } from "./decode/hiddenStates.js";
import { openPictures } from "./decode/openPictures.js";
import { encodePrompt } from "./decode/promptIds.js";
import { score } from "./decode/score.js";
import { route } from "./decode/route.js";
import { listAdapters } from "./adapters/openAdapter.js";
import { openReader } from "./reader.js";
import { loadModel, type LoadedModel } from "./loadedModel.js";
import { loadOnnxFolder } from "./onnxFolder/loadOnnxFolder.js";
import { isOnnxFolder } from "./onnxFolder/onnxFolder.js";
import { freeMemory } from "./memoryEstimate.js";
import { isModelPath, modelsIn, type ModelPath } from "./modelFolder.js";
import { createModelUses } from "./modelUses.js";
import { readModelFacts } from "./readModelFacts.js";
import { refuseTelemetry } from "./ort/noTelemetry.js";
import { testCache, type CacheTest } from "./ort/selfTest.js";
import { tokenText } from "./decode/tokenText.js";
import { readVisionPart, type VisionPart } from "./vision/findVisionPart.js";
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
  const loaded = new Map<string, Held>();
  const uses = createModelUses({
    keyOf: modelKey,
    onIdle: (spec) => {
      log.write("info", `${spec.path} was not used for ${spec.unloadAfterMinutes} minutes, and is unloaded`);
      unload(spec).catch((error: unknown) => log.write("warn", `${spec.path} was not unloaded: ${String(error)}`));
    },
    now: () => performance.now(),
  });
  let tested: Promise<CacheTest> | undefined;
  const cacheTest = () => (tested ??= testCache());

  async function load(spec: ModelSpec, onEvent: OnEvent<LoadEvent>, adaptation: Adaptation = {}): Promise<LoadedModel> {
    const key = modelKey(spec);
    const known = loaded.get(key);
    if (known !== undefined) return known.model;
    const held: Held = { spec, model: start(spec, adaptation, onEvent), isReady: false };
    loaded.set(key, held);
    held.model.then(
      () => (held.isReady = true),
      // A load that failed must not be remembered: the user may mend the file and try again.
      () => forget(spec, held),
    );
    return held.model;
  }

  function forget(spec: ModelSpec, held: Held): void {
    if (loaded.get(modelKey(spec)) === held) loaded.delete(modelKey(spec));
    uses.forget(spec);
  }

  /** While the call is at work its model counts as used. */
  function using<R extends { readonly model: ModelSpec }, E, T>(
    call: (request: R, onEvent: OnEvent<E>, signal: AbortSignal) => Promise<T>,
  ): (request: R, onEvent: OnEvent<E>, signal: AbortSignal) => Promise<T> {
    return async (request, onEvent, signal) => {
      const end = uses.begin(request.model);
      try {
        return await call(request, onEvent, signal);
      } finally {
        end();
      }
    };
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
    const wish = spec.device ?? "auto";
    const choose = (needs: DeviceNeeds) => chooseDevice(wish, needs);
    const model = isOnnxFolder(spec.path)
      ? await loadOnnxFolder({ spec, adaptation, defaultThreads, device: onProcessor(wish) }, onEvent)
      : await loadModel(
          { spec, adaptation, cacheKind: kind, defaultThreads, chooseDevice: choose, isBusy: uses.isBusy },
          onEvent,
        );
    const { device, reason: why } = model.facts.device;
    if (why !== undefined) log.write("warn", `the processor computes: ${why}`);
    if (device !== "cpu") log.write("info", `${device} computes`);
    log.write("info", `loaded ${spec.path} in ${Math.round(model.facts.loadMs)} ms`);
    return model;
  }

  async function unload(spec: ModelSpec): Promise<boolean> {
    const known = loaded.get(modelKey(spec));
    if (known === undefined) return false;
    forget(spec, known);
    // What is at work with it ends as if nothing had happened; whoever comes now has the model loaded anew.
    await uses.unused(spec);
    await (await known.model).dispose();
    return true;
  }

  async function inMemory({ spec, model, isReady }: Held): Promise<ModelInMemory> {
    const { memory } = await describeModel(pathOf(spec.path), spec);
    return {
      model: spec,
      state: isReady ? "ready" : "loading",
      ...uses.of(spec),
      ...(isReady && { device: (await model).facts.device }),
      ...(memory && { memoryBytes: memory.totalBytes }),
    };
  }

  const generateAlone: LocalEngine["generate"] = using(
    async (request: GenerateRequest, onEvent: OnEvent<GenerateEvent>, signal) => {
      const model = await load(request.model, onEvent, request);
      const amateur = amateurOf(request);
      if (amateur === undefined) return generate(model, request, onEvent, signal);
      const end = uses.begin(amateur);
      try {
        return await generate(model, request, onEvent, signal, await load(amateur, onEvent));
      } finally {
        end();
      }
    },
  );

  return {
    cacheTest,
    load: using(async ({ model: spec, ...adaptation }: LoadRequest, onEvent: OnEvent<LoadEvent>, signal) => {
      const model = await loadUnless(signal, spec, onEvent, adaptation);
      // Also of a model that was there before.
      (await openReader(model, adaptation)).release();
      return model.facts;
    }),
    async listModels({ folders, files = [], byName = {}, ...runsAs }, _onEvent, signal) {
      const paths = [...files.filter(isModelPath).map(pathOf), ...folders.flatMap(modelsIn)];
      const models = [];
      // A folder's vision parts are read once, and not for each of its models.
      const parts = new Map<string, Promise<VisionPart>>();
      const readPart = (path: string) => {
        const part = parts.get(path) ?? readVisionPart(path);
        parts.set(path, part);
        return part;
      };
      for (const it of new Map(paths.map((one) => [one.path, one])).values()) {
        signal.throwIfAborted();
        models.push(await describeModel(it, { ...runsAs, ...byName[it.name] }, readPart));
      }
      const held = await Promise.all([...loaded.values()].map(inMemory));
      return { models, loaded: held, freeBytes: freeMemory(), totalBytes: totalmem() };
    },
    async listAdapters({ path }, _onEvent, signal) {
      signal.throwIfAborted();
      const models = await Promise.allSettled([...loaded.values()].map((it) => it.model));
      const inMemory = models.flatMap((it) => (it.status === "fulfilled" ? it.value.shelf.loaded() : []));
      return { ...(await listAdapters(path)), loaded: [...new Set(inMemory)] };
    },
    route: using(async (request: RouteRequest, onEvent: OnEvent<LoadEvent>, signal) =>
      route(await loadUnless(signal, request.model, onEvent, request), request, signal),
    ),
    hiddenStates: using(async (request: HiddenStatesRequest, onEvent: OnEvent<HiddenStatesEvent>, signal) =>
      hiddenStates(await loadUnless(signal, request.model, onEvent, request), request, onEvent, signal),
    ),
    unload: async ({ model }) => unload(model),
    async inspect({ path }, _onEvent, signal) {
      signal.throwIfAborted();
      return readModelFacts(path);
    },
    tokenize: using(async (request: TokenizeRequest, onEvent: OnEvent<LoadEvent>, signal) => {
      const { model: spec, prompt, addGenerationPrompt } = request;
      const model = await loadUnless(signal, spec, onEvent);
      // What they take is told by their sizes: the model need not look at them.
      const pictures = openPictures(model, [prompt]);
      try {
        const encoded = encodePrompt(model, prompt, { addGenerationPrompt: addGenerationPrompt ?? true, pictures });
        const { tokenizer, tokenOf } = model;
        const { text, images } = encoded;
        const ids = encoded.ids.map(tokenOf);
        return {
          ids,
          tokens: ids.map((it) => tokenText(tokenizer, it)),
          special: ids.flatMap((it, i) => (tokenizer.isSpecial(it) ? [i] : [])),
          text,
          ...(images && { images }),
        };
      } finally {
        pictures.release();
      }
    }),
    generate: generateAlone,
    generateRows: using(async (request: GenerateRowsRequest, onEvent: OnEvent<GenerateRowsEvent>, signal) => {
      const model = await load(request.model, onEvent);
      return generateRows(request, { model, alone: generateAlone, onEvent, signal });
    }),
    constrain: using(async (request: ConstrainRequest, onEvent: OnEvent<LoadEvent>, signal) =>
      walkConstraint(await loadUnless(signal, request.model, onEvent), request),
    ),
    score: using(async (request: ScoreRequest, onEvent: OnEvent<LoadEvent>, signal) =>
      score(await loadUnless(signal, request.model, onEvent, request), request, signal),
    ),
    async dispose() {
      uses.dispose();
      const models = [...loaded.values()].map((it) => it.model);
      loaded.clear();
      for (const it of await Promise.allSettled(models)) if (it.status === "fulfilled") await it.value.dispose();
    },
  };
}

/** A model that is loaded, or is being loaded. */
interface Held {
  readonly spec: ModelSpec;
  readonly model: Promise<LoadedModel>;
  isReady: boolean;
}

function onProcessor(wish: Device): DeviceChoice {
  if (wish === "auto" || wish === "cpu") return { device: "cpu" };
  return { device: "cpu", reason: "a folder in the ONNX layout is run by transformers.js, on the processor" };
}

function pathOf(path: string): ModelPath {
  return { path, name: modelName(path) };
}

function amateurOf({ guidance }: GenerateRequest): ModelSpec | undefined {
  if (guidance?.kind !== "contrastive" || isIdle(guidance)) return undefined;
  return "model" in guidance.amateur ? guidance.amateur.model : undefined;
}
