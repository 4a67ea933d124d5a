/**
 * A folder in the ONNX layout as a loaded model, run by transformers.js. Tokens, templates, sampling, constraints and the cache
 * of prefixes are the engine's own; what needs a graph of ours (adapters, steering, hidden states, sparse attention) is
 * refused by name.
 */

import { messageOf, TillerError } from "../../base/error.js";
import type { Adaptation } from "../../protocol/adapter.js";
import type { DeviceChoice } from "../../protocol/device.js";
import type { LoadEvent, ModelSpec, OnEvent } from "../../protocol/engine.js";
import type { Shelf } from "../adapters/shelf.js";
import { PrefixCache } from "../cache/prefixCache.js";
import { contextOf } from "../contextTokens.js";
import type { Hook, Hooks } from "../graph/hooks.js";
import { everyLayer } from "../graph/commonShape.js";
import type { ModelShape } from "../graph/modelShape.js";
import { constraintsOf, type LoadedModel } from "../loadedModel.js";
import { checkMemory, freeMemory } from "../memoryEstimate.js";
import { readTokenizerMetadata } from "../tokenizer/metadata.js";
import { createTokenizer } from "../tokenizer/tokenizer.js";
import { onnxMemory, openOnnxFolder, type OnnxFolder } from "./onnxFolder.js";
import { ID_VECTOR, idsAsVectors, pastCache, transformersDecoder } from "./transformersDecoder.js";
import { loadTransformers, type CausalModel, type Transformers } from "./transformersPackage.js";

const CACHE_SLOTS = 4;

export interface LoadOnnxOptions {
  readonly spec: ModelSpec;
  /** The adapters of the first request. */
  readonly adaptation?: Adaptation;
  /** Threads when the spec names none. */
  readonly defaultThreads: number;
  readonly device: DeviceChoice;
}

/** Rejects with `model-unsupported` where transformers.js is missing or cannot run the graph, and as `openOnnxFolder` throws. */
export async function loadOnnxFolder(
  { spec, adaptation = {}, defaultThreads, device }: LoadOnnxOptions,
  onEvent: OnEvent<LoadEvent>,
): Promise<LoadedModel> {
  const start = performance.now();
  onEvent({ type: "loading", stage: "reading", fraction: 0 });
  checkSpec(spec);
  const { precision = "fast", threads = defaultThreads, path } = spec;
  const folder = openOnnxFolder(path, precision);
  const { facts, metadata } = folder;
  const contextTokens = contextOf(spec, facts.contextLength);
  if (spec.ignoreMemory !== true) checkMemory(path, onnxMemory(folder, contextTokens), freeMemory());
  const tokenizer = createTokenizer(readTokenizerMetadata(metadata));
  const shelf = emptyShelf(path);
  await shelf.adapted(adaptation);
  const transformers = loadTransformers();
  onEvent({ type: "loading", stage: "starting", fraction: 0.3 });
  const model = await startModel(transformers, folder, threads);
  const decoder = transformersDecoder(transformers, model, facts.vocabularySize);
  const newCache = () => pastCache(transformers, contextTokens);
  const prefixes = new PrefixCache({ newCache, slots: CACHE_SLOTS });
  return {
    facts: {
      facts,
      precision,
      contextTokens,
      threads,
      cache: "copied",
      cacheType: "float32",
      loadMs: performance.now() - start,
      device,
    },
    tokenizer,
    chatTemplate: metadata.text("tokenizer.chat_template"),
    shape: shapeOf(folder),
    embeddings: idsAsVectors(facts.vocabularySize),
    vision: { missing: "" },
    tokenOf: (id) => id,
    decoders: {
      acquire(hooks) {
        checkHooks(path, hooks);
        return Promise.resolve({ decoder, isFixed: false, release: () => undefined });
      },
      fix: () => Promise.reject(refused(path, "adapters")),
      isUsed: () => false,
      dispose: () => decoder.dispose(),
    },
    caches: {
      newCache: (capacity) => pastCache(transformers, capacity),
      newSlotCache: () => {
        throw refused(path, "sparse attention");
      },
      newRows: () => undefined,
    },
    shelf,
    fixAdapters: { used: () => undefined },
    modules: [],
    prefixes: () => prefixes,
    newCache,
    rowPool: { take: () => undefined, giveBack: () => undefined },
    ...constraintsOf(tokenizer),
    dispose: () => decoder.dispose(),
  };
}

async function startModel(
  { AutoModelForCausalLM }: Transformers,
  { facts: { path }, weights }: OnnxFolder,
  threads: number,
): Promise<CausalModel> {
  try {
    return await AutoModelForCausalLM.from_pretrained(path, {
      local_files_only: true,
      dtype: weights.dtype,
      device: "cpu",
      ...(0 < weights.dataFiles && { use_external_data_format: weights.dataFiles }),
      session_options: { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3 },
    });
  } catch (error) {
    const reason = messageOf(error);
    const message = `transformers.js cannot run ${path} (${weights.dtype}): ${reason}`;
    throw new TillerError("model-unsupported", message, { cause: error });
  }
}

/** Only what is true of every decoder: nobody builds a graph from it. */
function shapeOf({ facts }: OnnxFolder): ModelShape {
  const { architecture, layers, feedForwardSize, heads, kvHeads, headSize, vocabularySize, contextLength } = facts;
  return {
    architecture,
    layers,
    hiddenSize: ID_VECTOR,
    feedForwardSize,
    heads,
    kvHeads,
    headSize,
    vocabularySize,
    contextLength,
    normEpsilon: 0,
    rope: { base: 1, size: headSize, interleaved: false },
    attention: { scale: 1, layers: everyLayer(layers, { rope: undefined }) },
    scales: {},
  };
}

function emptyShelf(path: string): Shelf {
  const nothing = {
    key: "",
    hooks: new Set<Hook>(),
    values: new Map(),
    softPrompt: new Float32Array(0),
    prefix: [],
    prefixTokens: 0,
    memoryBytes: 0,
  };
  return {
    adapted: ({ adapters = [], routing }) =>
      adapters.length === 0 && routing === undefined
        ? Promise.resolve(nothing)
        : Promise.reject(refused(path, "adapters")),
    loaded: () => [],
  };
}

function checkSpec({ path, cache = "float32", slidingWindow = false }: ModelSpec): void {
  if (cache !== "float32") throw refused(path, "a cache of 8-bit integers");
  if (slidingWindow) throw refused(path, "a sliding window that can be switched on");
}

function checkHooks(path: string, hooks: Hooks): void {
  const [first] = hooks;
  if (first !== undefined) throw refused(path, hookWords(first));
}

function hookWords(hook: Hook): string {
  if (hook === "positions") return "sparse attention";
  if (hook === "streams") return "hidden states";
  if (hook === "steer") return "steering vectors";
  return hook.startsWith("exit.") ? "early exits" : "adapters";
}

function refused(path: string, what: string): TillerError {
  const message = `${path} is a model in the ONNX layout, and ${what} cannot be had with those. Use a GGUF file of the model.`;
  return new TillerError("usage", message);
}
