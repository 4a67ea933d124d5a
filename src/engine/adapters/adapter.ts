/** An adapter in memory, in the model file's own order of rows, whatever form and format it came in. */

import type { AdapterFacts } from "../../protocol/adapter.js";
import type { Activation, Sublayer } from "../graph/hooks.js";
import type { ModelFile, TensorInfo } from "../gguf/modelFile.js";
import type { LinearModule } from "../graph/modules.js";
import type { ModelShape } from "../graph/modelShape.js";

export interface Adapter {
  readonly facts: AdapterFacts;
  /** By `placeOf`. */
  readonly lowRank: ReadonlyMap<string, LowRank>;
  /** What a linear layer's outputs are multiplied by (IA3), [rows], by `placeOf`. */
  readonly outputScales: ReadonlyMap<string, Float32Array>;
  /** The same for its inputs, [columns]. */
  readonly inputScales: ReadonlyMap<string, Float32Array>;
  /** By `sublayerOf`. */
  readonly bottlenecks: ReadonlyMap<string, Bottleneck>;
  /** What is added to the stream behind a layer (control vectors), [hidden], by layer. */
  readonly directions: ReadonlyMap<number, Float32Array>;
  /** Vectors in front of a prompt's embeddings, [virtualTokens, hidden]. */
  readonly softPrompt?: Float32Array;
  /** Keys and values in front of a prompt's own, one entry a layer. */
  readonly prefix?: readonly PrefixLayer[];
}

/** W' = W + scaling * B A (arXiv 2106.09685). */
export interface LowRank {
  readonly rank: number;
  /** [rank, columns] */
  readonly a: Float32Array;
  /** [rows, rank] */
  readonly b: Float32Array;
  readonly scaling: number;
  /** Set with DoRA (arXiv 2402.09353): the length of each row of W'. [rows] */
  readonly magnitude?: Float32Array;
}

/** stream + y + up(act(down(input))) behind a sub-layer with the output y (arXiv 1902.00751). */
export interface Bottleneck {
  readonly activation: Activation;
  readonly width: number;
  /** [width, hidden] */
  readonly down: Float32Array;
  readonly downBias: Float32Array;
  /** [hidden, width] */
  readonly up: Float32Array;
  readonly upBias: Float32Array;
  /** The input is the stream behind the residual, stream + y, and not y alone. */
  readonly readsStream: boolean;
}

export interface PrefixLayer {
  /** [virtualTokens, kvHeads * headSize], not rotated. */
  readonly key: Float32Array;
  readonly value: Float32Array;
}

/** What an adapter must fit. */
export interface AdaptedModel {
  readonly shape: ModelShape;
  readonly modules: readonly LinearModule[];
  /** What the model's file calls it: its name, its path, its size. */
  readonly names: readonly string[];
  /** The layer's own weights as float32, [rows, columns]. */
  weights(layer: number, module: LinearModule): Float32Array;
}

/** An adapter's files, opened: their heads are read, their values are not. */
export interface AdapterSource {
  readonly facts: AdapterFacts;
  /** Throws `adapter-corrupt`, `adapter-unsupported` or `adapter-mismatch`; never returns a part of an adapter. */
  load(model: AdaptedModel): Adapter;
  close(): void;
}

/** A GGUF file whose head was read: what is left to whoever opened it is closing. */
export type GgufForm = (file: ModelFile, readValues: ReadValues) => Omit<AdapterSource, "close">;
export type ReadValues = (file: ModelFile, tensor: TensorInfo) => Float32Array;

export function placeOf(layer: number, module: LinearModule): string {
  return `${layer}.${module.peftName}`;
}

export function sublayerOf(layer: number, sublayer: Sublayer): string {
  return `${layer}.${sublayer}`;
}

/** An adapter that does nothing but what `parts` say. */
export function adapterOf(facts: AdapterFacts, parts: Partial<Omit<Adapter, "facts">>): Adapter {
  const nothing = new Map<string, never>();
  return {
    facts,
    lowRank: nothing,
    outputScales: nothing,
    inputScales: nothing,
    bottlenecks: nothing,
    directions: new Map(),
    ...parts,
  };
}
