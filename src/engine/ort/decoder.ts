/** A model's session and the one step that everything else is made of: append vectors to a cache, get logits. */

import { Tensor } from "onnxruntime-node";

import { TillerError } from "../../base/error.js";
import type { DecoderGraph } from "../graph/decoderGraph.js";
import type { HookInput, HookValue } from "../graph/hooks.js";
import { cacheIndex, type ModelShape } from "../graph/modelShape.js";
import { checkForgetting } from "../attention/checkForgetting.js";
import { withConvolutionHistory } from "./convolutionHistory.js";
import { copiedCache } from "./copiedCache.js";
import { inPlaceCache, inPlaceRows } from "./inPlaceCache.js";
import { deviceCache, outputsOnDevice, type OnDevice } from "./deviceCache.js";
import type { CacheKind, CacheRows, CacheShape, KvCache, Outputs, RunnableCache, RunnableRows } from "./kvCache.js";
import { createSession, type SessionDevice } from "./session.js";
import { slotCache, type SlotCacheOptions } from "./slotCache.js";

/** What fills a graph's hooks (graph/hooks.ts) in a step; made once and used in every step. */
export interface HookFeeds {
  readonly tensors: Readonly<Record<string, Tensor>>;
}

export interface Decoder {
  /** The places of its graph that adapters can fill. */
  readonly hookInputs: readonly HookInput[];
  /** Values of hooks by their names; hooks that are not named stay neutral. Names that the graph does not have throw. */
  hookFeeds(values: ReadonlyMap<string, HookValue>): HookFeeds;
  /**
   * Appends the vectors `embeddings` [count, hidden] to `cache`, which must be this model's and have room for them.
   * Returns the logits [rows.length, vocabulary] after the vectors whose indices are in `rows`, which ascend; the array is the
   * caller's.
   * `extra` are further outputs of the graph with their sizes; their values are written to the given arrays.
   */
  forward(
    cache: KvCache,
    embeddings: Float32Array,
    rows: readonly number[],
    feeds?: HookFeeds,
    extra?: Readonly<Record<string, ExtraOutput>>,
  ): Promise<Float32Array>;
  /** Appends one vector to each row, `embeddings` [rows, hidden]; returns the logits [rows, vocabulary] after them. */
  step(caches: CacheRows, embeddings: Float32Array, feeds?: HookFeeds): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export interface ExtraOutput {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface DecoderOptions {
  readonly shape: ModelShape;
  readonly threads: number;
  /** Left out: the CPU computes. */
  readonly onDevice?: OnDevice | undefined;
}

/** Where the keys and values of a model's requests are kept. */
export interface Caches {
  newCache(capacity: number): KvCache;
  /** A cache that forgets what is out of sight. Throws `usage` where caches are not kept in place. */
  newSlotCache(options: SlotCacheOptions): KvCache;
  /** Caches that `step` can take one position further together; undefined where they are not kept in place, or hold convolutions. */
  newRows(capacity: number, count: number): CacheRows | undefined;
}

/** `place`: how they are kept, and for `device` where. */
export function createCaches(shape: ModelShape & Pick<CacheShape, "cacheType">, place: CachePlace): Caches {
  const isInPlace = place === "in-place";
  const keysValues = { ...shape, layers: cacheIndex(shape, shape.layers) };
  const newKeysValues = (capacity: number): RunnableCache => {
    if (typeof place === "object") return deviceCache(keysValues, capacity, place);
    return isInPlace ? inPlaceCache(keysValues, capacity) : copiedCache(keysValues, capacity);
  };
  return {
    newCache: (capacity) => withConvolutionHistory(newKeysValues(capacity), shape),
    newSlotCache(options) {
      checkForgetting(shape, options.visibility, shape.cacheType);
      if (isInPlace) return slotCache(keysValues, options);
      throw new TillerError("usage", noForgetting(place));
    },
    newRows: (capacity, count) =>
      isInPlace && shape.convolution === undefined ? inPlaceRows(keysValues, capacity, count) : undefined,
  };
}

export type CachePlace = Exclude<CacheKind, "device"> | OnDevice;

function noForgetting(place: CachePlace): string {
  const needs = "Sparse attention needs caches that are kept in place";
  return typeof place === "object"
    ? `${needs}, and on ${place.device} they cannot be. Use dense attention, or compute on the processor (device: cpu).`
    : `${needs}, and on this machine they are copied. Use dense attention.`;
}

export async function createDecoder(graph: DecoderGraph, options: DecoderOptions): Promise<Decoder> {
  const { shape, threads, onDevice } = options;
  const { takesPositions } = graph;
  const session = await createSession(graph, { threads, ...(onDevice && { device: deviceOf(onDevice, shape) }) });
  const hookTensor = (it: HookValue) => tensorOf(onDevice === undefined ? it : withoutEmpty(it));
  const neutral = Object.fromEntries(graph.hookInputs.map((it) => [it.name, hookTensor(it.neutral)]));
  const hookFeeds = (values: ReadonlyMap<string, HookValue>): HookFeeds => {
    const tensors = { ...neutral };
    for (const [name, value] of values) {
      if (neutral[name] === undefined) throw new Error(`the graph has no place for ${name}`);
      tensors[name] = hookTensor(value);
    }
    return { tensors };
  };
  const noFeeds: HookFeeds = { tensors: neutral };
  return {
    hookInputs: graph.hookInputs,
    hookFeeds,
    async forward(cache, embeddings, rows, { tensors } = noFeeds, extra = {}) {
      const count = embeddings.length / shape.hiddenSize;
      checkRoom(cache, cache.length + count);
      const logits = new Float32Array(rows.length * shape.vocabularySize);
      for (let from = 0; from < count;) {
        const to = Math.min(count, from + cache.room);
        const own = rows.filter((it) => from <= it && it < to);
        // Rows are in order: those of a piece lie together.
        const first = rows.findIndex((it) => from <= it) * shape.vocabularySize;
        const part = own.length === 0 ? emptyLogits : logits.subarray(first, first + own.length * shape.vocabularySize);
        const isWhole = own.length === rows.length;
        if (!isWhole && 0 < own.length && 0 < Object.keys(extra).length)
          throw new Error("further outputs are those of one piece");
        const { slot, position } = (cache as RunnableCache).place(to - from);
        const feeds = {
          ...tensors,
          embeddings: new Tensor("float32", embeddings.subarray(from * shape.hiddenSize, to * shape.hiddenSize), [
            1,
            to - from,
            shape.hiddenSize,
          ]),
          lastPositions: new Tensor("int32", Int32Array.of(slot + to - from - 1), [1]),
          totalLength: new Tensor("int32", Int32Array.of(slot + to - from), []),
          ...(takesPositions && { positions: positionsFrom([position], to - from) }),
          rows: rowIndices(own.map((it) => it - from)),
        };
        // Of rows that are asked for, or, where none is, of all positions.
        const further = 0 < own.length ? extra : rows.length === 0 ? ofPositions(extra, from, to, count) : {};
        const outputs: Outputs = { logits: logitsTensor(part, shape), ...extraTensors(further) };
        await (cache as RunnableCache).run(session, feeds, to - from, outputs);
        from = to;
      }
      return logits;
    },
    async step(caches, embeddings, { tensors } = noFeeds) {
      const { rows } = caches;
      const totals = rows.map((it) => it.length + 1);
      rows.forEach((it, i) => checkRoom(it, totals[i]!));
      const feeds = {
        ...tensors,
        embeddings: new Tensor("float32", embeddings, [rows.length, 1, shape.hiddenSize]),
        lastPositions: new Tensor(
          "int32",
          Int32Array.from(totals, (it) => it - 1),
          [rows.length],
        ),
        totalLength: new Tensor("int32", Int32Array.of(Math.max(...totals)), []),
        ...(takesPositions && {
          positions: positionsFrom(
            rows.map((it) => it.length),
            1,
          ),
        }),
        rows: rowIndices(rows.map((_, i) => i)),
      };
      const logits = new Float32Array(rows.length * shape.vocabularySize);
      await (caches as RunnableRows).run(session, feeds, { logits: logitsTensor(logits, shape) });
      return logits;
    },
    dispose: () => (onDevice === undefined ? session.release() : onDevice.tensors.release(session)),
  };
}

function deviceOf({ device }: OnDevice, shape: ModelShape): SessionDevice {
  return { name: device, staying: outputsOnDevice({ layers: cacheIndex(shape, shape.layers) }) };
}

function checkRoom({ capacity }: KvCache, total: number): void {
  if (capacity < total) throw new Error(`a cache for ${capacity} positions cannot hold ${total}`);
}

/**
 * Ranks of 0 as ranks of 1 that hold zeros, which changes nothing as well: WebGPU's product of matrices takes the process with it
 * where there is nothing to add up.
 */
function withoutEmpty(value: HookValue): HookValue {
  if (!value.dims.includes(0)) return value;
  const dims = value.dims.map((it) => Math.max(1, it));
  return { dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) };
}

function tensorOf({ dims, data }: HookValue): Tensor {
  return data instanceof BigInt64Array ? new Tensor("int64", data, dims) : new Tensor("float32", data, dims);
}

/** int64 [firsts.length, count]: so many from each first one on. */
function positionsFrom(firsts: readonly number[], count: number): Tensor {
  const all = firsts.flatMap((first) => Array.from({ length: count }, (_, i) => BigInt(first + i)));
  return new Tensor("int64", BigInt64Array.from(all), [firsts.length, count]);
}

const emptyLogits = new Float32Array(0);

function rowIndices(rows: readonly number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(rows, BigInt), [rows.length]);
}

function logitsTensor(logits: Float32Array, { vocabularySize }: ModelShape): Tensor {
  return new Tensor("float32", logits, [logits.length / vocabularySize, vocabularySize]);
}

/** The part of positions `from` to `to`, of `count`. */
function ofPositions(
  extra: Readonly<Record<string, ExtraOutput>>,
  from: number,
  to: number,
  count: number,
): Readonly<Record<string, ExtraOutput>> {
  if (to - from === count) return extra;
  const parts = Object.entries(extra).map(([name, { dims, data }]) => {
    const at = dims.indexOf(count);
    if (at < 0) throw new Error(`${name} cannot be read in pieces`);
    const size = data.length / count;
    const part = { dims: dims.with(at, to - from), data: data.subarray(from * size, to * size) };
    return [name, part] as const;
  });
  return Object.fromEntries(parts);
}

function extraTensors(extra: Readonly<Record<string, ExtraOutput>>): Outputs {
  return Object.fromEntries(
    Object.entries(extra).map(([name, { dims, data }]) => [name, new Tensor("float32", data, dims)]),
  );
}
