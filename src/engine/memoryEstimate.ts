/**
 * How much memory a model will take, told from the head of its file before anything is read. Weights are counted tensor by
 * tensor as the graph will hold them; the other numbers were measured (embedded model and tiny ones, both precisions).
 */

import { freemem, totalmem } from "node:os";

import { TillerError } from "../base/error.js";
import type { CacheType, MemoryEstimate, Precision } from "../protocol/engine.js";
import type { ModelFile, TensorInfo } from "./gguf/modelFile.js";
import { cacheIndex, type ModelShape } from "./graph/modelShape.js";
import { weightReader } from "./graph/weights.js";

export interface MemoryOptions {
  readonly precision: Precision;
  readonly contextTokens: number;
  /** Default: `float32`. */
  readonly cache?: CacheType;
  /** What the weights of its vision part take; default 0. They come to the others with the first picture. */
  readonly visionBytes?: number;
}

/** While a session is made, weights are held three times: as they were handed over, and twice on their way into its kernels. */
const COPIES_WHILE_LOADING = 3;
/** A vision part is loaded piece by piece; of one of 86 million weights, 1.7 times of them were measured. */
const VISION_COPIES_WHILE_LOADING = 2;
/** Spelling, bytes and place of one token. */
const BYTES_PER_TOKEN = 800;
/** onnxruntime itself, and what one step computes in. */
const WORKING_BYTES = 48 << 20;

/** Throws `model-unsupported` or `model-corrupt` for tensors that cannot be run. */
export function estimateMemory(file: ModelFile, shape: ModelShape, options: MemoryOptions): MemoryEstimate {
  const { precision, contextTokens, cache = "float32", visionBytes = 0 } = options;
  const { layers, hiddenSize, kvHeads, headSize, vocabularySize } = shape;
  const weights = weightReader(file, { precision });
  const hasHead = file.tensors.has("output.weight");
  const bytesOf = ({ name, shape: dims, elementCount }: TensorInfo): number => {
    // The table is read from the file when a token asks for it, unless it is the head too.
    if (name === "token_embd.weight" && hasHead) return 0;
    const [columns = 0, rows = 0, count] = dims;
    if (dims.length === 3) return sum(weights.stack(name, count!, rows, columns).map((it) => weights.byteLength(it)));
    return dims.length === 2 ? weights.byteLength(weights.matrix(name, rows, columns)) : elementCount * 4;
  };
  const textBytes = sum([...file.tensors.values()].map(bytesOf));
  const weightsBytes = textBytes + visionBytes;
  const attending = cacheIndex(shape, layers);
  const positionBytes =
    (cache === "int8" ? 1 : 4) * (2 * attending * kvHeads * headSize + (layers - attending) * hiddenSize);
  const cacheBytes = positionBytes * contextTokens;
  const loadedBytes = Math.max(COPIES_WHILE_LOADING * textBytes, textBytes + VISION_COPIES_WHILE_LOADING * visionBytes);
  return wholeEstimate({ weightsBytes, cacheBytes, loadedBytes, computingBytes: WORKING_BYTES, vocabularySize });
}

export interface EstimateParts {
  readonly weightsBytes: number;
  readonly cacheBytes: number;
  /** What the weights take for a moment while they are loaded. */
  readonly loadedBytes: number;
  /** What is computed in, whatever the vocabulary is. */
  readonly computingBytes: number;
  readonly vocabularySize: number;
}

export function wholeEstimate(parts: EstimateParts): MemoryEstimate {
  const { weightsBytes, cacheBytes, loadedBytes, computingBytes, vocabularySize } = parts;
  const workingBytes = computingBytes + vocabularySize * BYTES_PER_TOKEN;
  return {
    weightsBytes,
    cacheBytes,
    workingBytes,
    totalBytes: weightsBytes + cacheBytes + workingBytes,
    loadingBytes: loadedBytes + workingBytes,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Bytes that a process can take now without others being pushed out. */
export function freeMemory(): number {
  const free = process.availableMemory?.() ?? freemem();
  // macOS counts as free only what nobody ever used; most of the rest is given back when it is asked for.
  return process.platform === "darwin" ? Math.max(free, totalmem() * 0.6) : free;
}

/** Throws `out-of-memory`, with the numbers, for a model that does not fit into `free` bytes. */
export function checkMemory(path: string, estimate: MemoryEstimate, free: number): void {
  const { loadingBytes, totalBytes, weightsBytes, cacheBytes, workingBytes } = estimate;
  const needed = Math.max(loadingBytes, totalBytes);
  if (needed <= free) return;
  const parts = `${gigabytes(weightsBytes)} of weights, ${gigabytes(cacheBytes)} for the context, ${gigabytes(workingBytes)} to work in`;
  const advice =
    free < loadingBytes
      ? "Unload other models, or use a smaller file or fewer bits."
      : "Reserve fewer tokens of context, unload other models, or use a smaller file.";
  throw new TillerError(
    "out-of-memory",
    `${path} would take ${gigabytes(needed)} of memory while it is loaded and ${gigabytes(totalBytes)} afterwards (${parts}), ` +
      `and ${gigabytes(free)} are free. ${advice} To try it all the same, say --ignore-memory on the command line.`,
  );
}

/** The same for the vision part of a model that is in memory already; `bytes` are its weights. */
export function checkVisionMemory(path: string, bytes: number, free: number): void {
  const needed = VISION_COPIES_WHILE_LOADING * bytes;
  if (needed <= free) return;
  throw new TillerError(
    "out-of-memory",
    `To look at a picture, ${path} would take ${gigabytes(needed)} of memory while it is loaded and ${gigabytes(bytes)} ` +
      `afterwards, and ${gigabytes(free)} are free. Unload other models, or use a vision part of fewer bits.`,
  );
}

function gigabytes(bytes: number): string {
  return bytes < 0.95e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
