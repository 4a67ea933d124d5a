/** A model in memory: its session, its tokenizer, its embeddings and the caches of earlier requests. */

import { TillerError } from "../base/error.js";
import { recall } from "../base/recall.js";
import type { Adaptation } from "../protocol/adapter.js";
import type { ConstraintSpec } from "../protocol/constraint.js";
import type {
  CacheType,
  LoadEvent,
  LoadedModel as LoadedFacts,
  ModelSpec,
  OnEvent,
  Precision,
} from "../protocol/engine.js";
import { compileConstraint, type CompiledConstraint } from "../constraint/constraint.js";
import { createShared, type Shared } from "../constraint/shared.js";
import { createVocabulary, type Vocabulary } from "../constraint/vocabulary.js";
import type { Visibility } from "./attention/visibility.js";
import { calibrationText } from "./calibrationText.js";
import { createRowPool, type RowPool } from "./cache/rowPool.js";
import type { PrefixCache } from "./cache/prefixCache.js";
import { prefixCaches } from "./cache/prefixCaches.js";
import { embeddingTable, withPictures, type EmbeddingTable } from "./embeddingTable.js";
import type { ChosenDevice } from "./chooseDevice.js";
import { contextOf } from "./contextTokens.js";
import { createDecoders, type AdapterSet, type Decoders } from "./decoders.js";
import { needsOf, type DeviceNeeds } from "./deviceNeeds.js";
import { createFixAdapters, type FixAdapters } from "./fixAdapters.js";
import { createShelf, type Shelf } from "./adapters/shelf.js";
import { modelForAdapters } from "./adapters/modelForAdapters.js";
import { architectureOf, buildDecoderGraph, readRotation, readShape } from "./graph/decoderGraph.js";
import { withFileWindow } from "./graph/fileWindow.js";
import type { Hooks, HookValues } from "./graph/hooks.js";
import type { LinearModule } from "./graph/modules.js";
import type { ModelShape } from "./graph/modelShape.js";
import { openModelFile, type ModelFile } from "./gguf/modelFile.js";
import { modelFacts } from "./gguf/modelFacts.js";
import { calibrate } from "./ort/calibrate.js";
import { createCaches, createDecoder, type CachePlace, type Caches } from "./ort/decoder.js";
import type { CacheKind, KvCache } from "./ort/kvCache.js";
import { checkMemory, estimateMemory, freeMemory } from "./memoryEstimate.js";
import { firstStep, startChosen } from "./startOnDevice.js";
import { createTokenizer, type Tokenizer } from "./tokenizer/tokenizer.js";
import { readTokenizerMetadata } from "./tokenizer/metadata.js";
import { findVisionPart, hasPictureTokens, visionFacts, type FoundVision } from "./vision/findVisionPart.js";
import { createVision, type Vision, type VisionOptions } from "./vision/vision.js";

export interface LoadedModel {
  readonly facts: LoadedFacts;
  readonly tokenizer: Tokenizer;
  readonly chatTemplate: string | undefined;
  readonly shape: ModelShape;
  readonly embeddings: EmbeddingTable;
  /** What reads pictures, or why there is none; empty where there is nothing to say. */
  readonly vision: Vision | { readonly missing: string };
  /** The token that is told of an id: the ids of a picture's vectors are known in here alone. */
  tokenOf(id: number): number;
  readonly decoders: Decoders;
  readonly caches: Caches;
  readonly shelf: Shelf;
  readonly fixAdapters: Pick<FixAdapters, "used">;
  /** The linear layers that adapters change. */
  readonly modules: readonly LinearModule[];
  /** Caches of earlier requests that saw as much as this one; undefined: everything. */
  prefixes(visibility?: Visibility): PrefixCache;
  newCache(visibility?: Visibility): KvCache;
  readonly rowPool: RowPool;
  /** The tokens as a tree; built when it is first asked for. */
  vocabulary(): Vocabulary;
  /** The constraint over this model's tokens; compiled once for as long as it is among the last that were used. */
  constraint(spec: ConstraintSpec): CompiledConstraint;
  dispose(): Promise<void>;
}

/** Up to this size, the graph without adapters stays in memory beside one with them. */
const KEEP_PLAIN_BYTES = 1 << 30;
/** Up to this size adapters can have a graph of their own: a step of larger models takes so long that inputs cost little of it. */
const FIX_BYTES = 256 << 20;

export interface LoadOptions {
  readonly spec: ModelSpec;
  /** The adapters of the first request. */
  readonly adaptation?: Adaptation;
  /** How caches are kept on the CPU; see ort/selfTest.ts. */
  readonly cacheKind: Exclude<CacheKind, "device">;
  /** Threads when the spec names none. */
  readonly defaultThreads: number;
  /** Default: the CPU, as a matter of course. */
  readonly chooseDevice?: (needs: DeviceNeeds) => Promise<ChosenDevice>;
  /** The engine has something to do, with this model or another one. */
  readonly isBusy?: () => boolean;
}

export async function loadModel(options: LoadOptions, onEvent: OnEvent<LoadEvent>): Promise<LoadedModel> {
  const start = performance.now();
  onEvent({ type: "loading", stage: "reading", fraction: 0 });
  const file = await openModelFile(options.spec.path);
  try {
    return await loadFrom(file, options, start, onEvent);
  } catch (error) {
    file.close();
    throw error;
  }
}

async function loadFrom(
  file: ModelFile,
  { spec, adaptation = {}, cacheKind, defaultThreads, chooseDevice = onCpu, isBusy = () => false }: LoadOptions,
  start: number,
  onEvent: OnEvent<LoadEvent>,
): Promise<LoadedModel> {
  const read = readShape(file);
  const shape = spec.slidingWindow === true ? withFileWindow(read, file.metadata) : read;
  const precision: Precision = spec.precision ?? "fast";
  const contextTokens = contextOf(spec, shape.contextLength);
  const threads = spec.threads ?? defaultThreads;
  const estimate = estimateMemory(file, shape, { precision, contextTokens, cache: spec.cache ?? "float32" });
  if (spec.ignoreMemory !== true) checkMemory(file.path, estimate, freeMemory());
  const tokenizer = createTokenizer(readTokenizerMetadata(file.metadata));
  if (shape.vocabularySize < tokenizer.vocabularySize) {
    const message = `${file.path} names ${tokenizer.vocabularySize} tokens but has embeddings for ${shape.vocabularySize}.`;
    throw new TillerError("model-corrupt", message);
  }
  const embedding = file.tensors.get("token_embd.weight")!;
  const found = await findVisionPart(
    { path: file.path, hiddenSize: shape.hiddenSize, hasTokens: hasPictureTokens(file.metadata) },
    spec.projector,
  );
  const vision = visionOf(found, tokenizer, {
    ...{ precision, threads, ignoreMemory: spec.ignoreMemory === true, firstId: shape.vocabularySize },
  });
  const table = embeddingTable(file, embedding);
  const embeddings = "missing" in vision ? table : withPictures(table, vision.shelf, shape.hiddenSize);
  const { cache: cacheType = "float32" } = spec;
  checkCacheType(cacheType, cacheKind, shape);
  const cacheScales =
    cacheType === "int8" ? await scalesOf({ file, shape, precision, threads, tokenizer, embeddings }) : undefined;
  const shelf = createShelf(modelForAdapters(file, shape));
  const startOn = async (place: CachePlace) => {
    const caches = createCaches({ ...shape, cacheType }, place);
    const prefixes = prefixCaches(caches, contextTokens, () => readRotation(file, shape));
    const onDevice = typeof place === "object" ? place : undefined;
    const create = async (hooks: Hooks, fixed?: HookValues) => {
      // Nobody has asked for a graph with fixed adapters, or waits for it.
      const tell = fixed === undefined ? onEvent : () => undefined;
      tell({ type: "loading", stage: "building", fraction: 0.3 });
      const sentinel = place === "in-place";
      const graph = buildDecoderGraph(file, shape, { precision, contextTokens, sentinel, hooks, fixed, cacheScales });
      tell({ type: "loading", stage: "starting", fraction: 0.7 });
      const decoder = await createDecoder(graph, { shape, threads, onDevice });
      if (onDevice === undefined) return decoder;
      // What it made goes before it does: caches that nobody uses would keep it in memory.
      return { ...decoder, dispose: () => (prefixes.clear(), decoder.dispose()) };
    };
    const decoders = createDecoders({ create, keepPlain: file.sizeBytes <= KEEP_PLAIN_BYTES });
    // The graph that is needed first is made now, so that what is wrong with the model or an adapter is said here.
    const { hooks } = await shelf.adapted(adaptation);
    const { decoder, release } = await decoders.acquire(hooks);
    try {
      if (onDevice !== undefined) await firstStep(decoder, caches, shape.hiddenSize);
    } catch (error) {
      await decoders.dispose();
      throw error;
    } finally {
      release();
    }
    return { caches, prefixes, decoders, cache: onDevice === undefined ? cacheKind : ("device" as const) };
  };
  const { started, device } = await startChosen(await chooseDevice(needsOf(shape, spec)), cacheKind, startOn);
  const { caches, prefixes, decoders, cache } = started;
  const fixAdapters = createFixAdapters({
    isBusy: () => decoders.isUsed() || isBusy(),
    fix: async (adapters: AdapterSet) => {
      const isSmall = file.sizeBytes <= FIX_BYTES && 2 * estimate.loadingBytes < freeMemory();
      if (isSmall && device.device === "cpu") await decoders.fix(adapters);
    },
  });
  return {
    facts: {
      facts: { ...modelFacts(file), ...visionFacts(found) },
      precision,
      contextTokens,
      threads,
      cache,
      cacheType,
      loadMs: performance.now() - start,
      device,
    },
    tokenizer,
    chatTemplate: file.metadata.text("tokenizer.chat_template"),
    shape,
    embeddings,
    vision,
    tokenOf: (id) => ("missing" in vision || !vision.shelf.isPicture(id) ? id : vision.imageToken),
    decoders,
    caches,
    shelf,
    fixAdapters,
    modules: architectureOf(file).modules(shape),
    prefixes: prefixes.of,
    newCache: prefixes.newCache,
    rowPool: createRowPool((count) => caches.newRows(contextTokens, count)),
    ...constraintsOf(tokenizer),
    dispose: async () => {
      fixAdapters.dispose();
      if (!("missing" in vision)) await vision.dispose();
      prefixes.dispose();
      await decoders.dispose();
      file.close();
    },
  };
}

const onCpu = (): Promise<ChosenDevice> => Promise.resolve({ choice: { device: "cpu" } });

function visionOf(found: FoundVision, tokenizer: Tokenizer, options: VisionOptions): LoadedModel["vision"] {
  if (found.kind === "none") return { missing: found.why };
  return createVision(found.part, tokenizer, options) ?? { missing: "Its tokens for pictures are no marks." };
}

function checkCacheType(type: CacheType, kind: CacheKind, { architecture, convolution }: ModelShape): void {
  if (type === "float32") return;
  if (type !== "int8")
    throw new TillerError("usage", `The cache of a model is float32 or int8, not ${JSON.stringify(type)}.`);
  if (convolution !== undefined)
    throw new TillerError(
      "usage",
      `A cache of 8-bit integers is not for ${architecture}, which has convolutions. Use float32.`,
    );
  if (kind === "in-place") return;
  const message = "A cache of 8-bit integers is kept in place, and on this machine caches are copied. Use float32.";
  throw new TillerError("usage", message);
}

interface Calibrated {
  readonly file: ModelFile;
  readonly shape: ModelShape;
  readonly precision: Precision;
  readonly threads: number;
  readonly tokenizer: Tokenizer;
  readonly embeddings: EmbeddingTable;
}

/** Reads a text on a graph of its own, which is let go again. */
async function scalesOf({ file, shape, precision, threads, tokenizer, embeddings }: Calibrated) {
  const ids = tokenizer.encode(calibrationText).slice(0, shape.contextLength);
  const graph = buildDecoderGraph(file, shape, {
    precision,
    contextTokens: ids.length,
    sentinel: true,
    hooks: new Set(),
  });
  const decoder = await createDecoder(graph, { shape, threads });
  try {
    return await calibrate(decoder, shape, embeddings.lookUp(ids), ids.length, readRotation(file, shape));
  } finally {
    await decoder.dispose();
  }
}

/** Constraints that are kept, with their masks. */
const CONSTRAINTS_KEPT = 16;

export function constraintsOf(tokenizer: Tokenizer): Pick<LoadedModel, "vocabulary" | "constraint"> {
  let built: Vocabulary | undefined;
  const vocabulary = () => (built ??= vocabularyOf(tokenizer));
  let shared: Shared | undefined;
  const kept = new Map<string, CompiledConstraint>();
  const constraint = (spec: ConstraintSpec) =>
    recall(kept, JSON.stringify(spec), CONSTRAINTS_KEPT, () =>
      compileConstraint(spec, vocabulary(), (shared ??= createShared(vocabulary()))),
    );
  return { vocabulary, constraint };
}

function vocabularyOf(tokenizer: Tokenizer): Vocabulary {
  return createVocabulary({
    size: tokenizer.vocabularySize,
    bytes: (id) => (tokenizer.isSpecial(id) ? new Uint8Array(0) : tokenizer.bytes(id)),
    ends: [...tokenizer.eos],
  });
}
