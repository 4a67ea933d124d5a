/**
 * A model as a folder in the ONNX layout, as transformers.js reads them: config.json, tokenizer.json, and in `onnx` the graph
 * in one or several number formats. What it says of itself is read here; no weights are loaded.
 */

import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { TillerError } from "../../base/error.js";
import { isJsonObject, type JsonObject } from "../../base/json.js";
import type { MemoryEstimate, ModelFacts, Precision } from "../../protocol/engine.js";
import { numberAt, objectAt, readJsonFile, textAt } from "../convert/jsonFile.js";
import { readTokenizerJson } from "../convert/tokenizerJson.js";
import { GgufMetadata } from "../gguf/metadata.js";
import type { GgufValue } from "../gguf/writeGguf.js";
import { wholeEstimate } from "../memoryEstimate.js";

export interface OnnxFolder {
  readonly facts: ModelFacts;
  readonly weights: OnnxWeights;
  /** Its tokenizer and chat template, under the keys of a GGUF file. */
  readonly metadata: GgufMetadata;
}

export interface OnnxWeights {
  /** What transformers.js calls the format. */
  readonly dtype: string;
  readonly sizeBytes: number;
  /** How many files of weights lie beside the graph under the names that transformers.js asks for. */
  readonly dataFiles: number;
}

interface Format {
  readonly dtype: string;
  readonly ending: string;
  /** Of most of the weights, with their scales. */
  readonly bits: number;
}

/** The names of transformers.js, and their endings. */
const formats = {
  fp32: { dtype: "fp32", ending: "", bits: 32 },
  fp16: { dtype: "fp16", ending: "_fp16", bits: 16 },
  q8: { dtype: "q8", ending: "_quantized", bits: 8 },
  int8: { dtype: "int8", ending: "_int8", bits: 8 },
  uint8: { dtype: "uint8", ending: "_uint8", bits: 8 },
  q4: { dtype: "q4", ending: "_q4", bits: 5 },
  q4f16: { dtype: "q4f16", ending: "_q4f16", bits: 4.5 },
  bnb4: { dtype: "bnb4", ending: "_bnb4", bits: 4.5 },
} as const satisfies Readonly<Record<string, Format>>;

/** The first that is there is taken. Graphs in half precision are for graphics devices, and slow on a processor. */
const preferred: Readonly<Record<Precision, readonly Format[]>> = {
  fast: [formats.q4, formats.q8, formats.int8, formats.uint8, formats.q4f16, formats.bnb4, formats.fp32, formats.fp16],
  exact: [formats.fp32, formats.fp16, formats.q8, formats.int8, formats.uint8, formats.q4, formats.q4f16, formats.bnb4],
};

/** onnxruntime itself, and what one step computes in. */
const WORKING_BYTES = 64 << 20;
/** The file and what its kernels make of it. */
const COPIES_WHILE_LOADING = 2;

export function isOnnxFolder(path: string): boolean {
  return existsSync(join(path, "config.json")) && isFolder(join(path, "onnx"));
}

/**
 * Throws `model-not-found` for a folder without a graph, `model-corrupt` for damaged files, and `model-unsupported` for what is
 * no decoder of text, or has a tokenizer that cannot be run.
 */
export function openOnnxFolder(path: string, precision: Precision): OnnxFolder {
  const config = readJsonFile(path, "config.json");
  if (config === undefined || !isFolder(join(path, "onnx")))
    throw new TillerError("model-not-found", `${path} is no model: it has no config.json and no folder "onnx".`);
  checkDecoder(path, config);
  const format = preferred[precision].find(({ ending }) => existsSync(graphPath(path, ending)));
  if (format === undefined) {
    const names = readdirSync(join(path, "onnx")).filter((it) => it.endsWith(".onnx"));
    const message = `${path}: the folder "onnx" has no model.onnx, nor one whose name ends in _q4, _quantized or another format of transformers.js${names.length === 0 ? "" : ` (there is ${names.join(", ")})`}.`;
    throw new TillerError("model-not-found", message);
  }
  const weights = weightsOf(path, format);
  const number = (...keys: readonly string[]) => keys.map((it) => numberAt(config, it)).find((it) => it !== undefined);
  const required = (...keys: readonly string[]): number => {
    const value = number(...keys);
    if (value !== undefined && Number.isInteger(value) && 0 < value) return value;
    throw new TillerError("model-corrupt", `${join(path, "config.json")} has no number "${keys[0]}".`);
  };
  const vocabularySize = required("vocab_size");
  const hiddenSize = required("hidden_size", "n_embd", "d_model");
  const heads = required("num_attention_heads", "n_head");
  const metadata = metadataOf(path, readTokenizerJson(path, vocabularySize));
  const facts: ModelFacts = {
    path,
    name: basename(path),
    architecture: textAt(config, "model_type") ?? "unknown",
    sizeBytes: weights.sizeBytes,
    // As far as the size tells: the graph is not read.
    parameterCount: Math.round((8 * weights.sizeBytes) / format.bits),
    layers: required("num_hidden_layers", "n_layer"),
    hiddenSize,
    feedForwardSize: number("intermediate_size", "n_inner", "ffn_dim") ?? 4 * hiddenSize,
    heads,
    kvHeads: number("num_key_value_heads") ?? heads,
    headSize: number("head_dim") ?? hiddenSize / heads,
    vocabularySize,
    contextLength: required("max_position_embeddings", "n_positions", "n_ctx"),
    tensorTypes: { [`ONNX ${format.dtype}`]: 1 },
    tokenizer: [metadata.text("tokenizer.ggml.model"), metadata.text("tokenizer.ggml.pre")].join(", "),
    hasChatTemplate: metadata.has("tokenizer.chat_template"),
  };
  return { facts, weights, metadata };
}

/** Keys and values are copied with each step, so that they are held twice. */
export function onnxMemory({ facts, weights }: OnnxFolder, contextTokens: number): MemoryEstimate {
  const { layers, kvHeads, headSize, vocabularySize } = facts;
  const weightsBytes = weights.sizeBytes;
  const cacheBytes = 2 * 4 * 2 * layers * kvHeads * headSize * contextTokens;
  const loadedBytes = COPIES_WHILE_LOADING * weightsBytes;
  return wholeEstimate({ weightsBytes, cacheBytes, loadedBytes, computingBytes: WORKING_BYTES, vocabularySize });
}

function checkDecoder(path: string, config: JsonObject): void {
  const unsupported = (what: string) => new TillerError("model-unsupported", `${path} ${what}.`);
  if (config["is_encoder_decoder"] === true) throw unsupported("is an encoder with a decoder; decoders can be run");
  const inner =
    objectAt(config, "text_config") ?? objectAt(config, "vision_config") ?? objectAt(config, "audio_config");
  if (inner !== undefined) throw unsupported("reads more than text (pictures or sounds); decoders of text can be run");
}

function weightsOf(path: string, { dtype, ending }: Format): OnnxWeights {
  const graph = graphPath(path, ending);
  let dataFiles = 0;
  while (existsSync(`${graph}_data${dataFiles === 0 ? "" : `_${dataFiles}`}`)) dataFiles++;
  // Whatever they are called, files of weights begin with the name of their graph.
  const own = readdirSync(dirname(graph)).filter((it) => it.startsWith(basename(graph)));
  const sizeBytes = own.reduce((sum, it) => sum + statSync(join(dirname(graph), it)).size, 0);
  return { dtype, sizeBytes, dataFiles };
}

function graphPath(path: string, ending: string): string {
  return join(path, "onnx", `model${ending}.onnx`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The values as a file's head would hold them. */
function metadataOf(path: string, values: Readonly<Record<string, GgufValue>>): GgufMetadata {
  const plain = Object.entries(values).map(([key, value]) => [key, plainValue(value)] as const);
  return new GgufMetadata({ "general.name": basename(path), ...Object.fromEntries(plain) }, path);
}

function plainValue(value: GgufValue): unknown {
  if (!isJsonObject(value as never)) return value;
  return Object.values(value as Readonly<Record<string, unknown>>)[0];
}
