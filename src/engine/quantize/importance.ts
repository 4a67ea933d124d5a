/**
 * Which columns of each matrix matter: the mean of its squared inputs while the model reads a text. An error in a column is
 * multiplied by that column's input, so that columns with small inputs may be kept badly.
 */

import { TillerError } from "../../base/error.js";
import type { ModelFile } from "../gguf/modelFile.js";
import { buildDecoderGraph, readShape } from "../graph/decoderGraph.js";
import { embeddingTable } from "../embeddingTable.js";
import { createCaches, createDecoder } from "../ort/decoder.js";
import { testCache } from "../ort/selfTest.js";
import { createTokenizer } from "../tokenizer/tokenizer.js";
import { readTokenizerMetadata } from "../tokenizer/metadata.js";
import type { Importance } from "./quantizeModel.js";

export interface CalibrationOptions {
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Tokens that are read, of all. */
  readonly onProgress: (done: number, total: number) => void;
}

/** Tokens that are read together; then the next ones begin anew. */
const CONTEXT = 512;
const PIECE = 64;

/** Rejects with `usage` for a text without tokens, and with the signal's reason. */
export async function measureImportance(
  file: ModelFile,
  text: string,
  { threads, signal, onProgress }: CalibrationOptions,
): Promise<Importance> {
  const shape = readShape(file);
  const ids = encodeText(file, text);
  const contextTokens = Math.min(CONTEXT, shape.contextLength);
  const { kind } = await testCache();
  const graph = buildDecoderGraph(file, shape, {
    precision: "fast",
    contextTokens,
    sentinel: kind === "in-place",
    hooks: new Set(),
    observe: true,
  });
  const { observed } = graph;
  const sums = observed.map((it) => new Float64Array(it.columns));
  const embeddings = embeddingTable(file, file.tensors.get("token_embd.weight")!);
  const decoder = await createDecoder(graph, { shape, threads });
  try {
    const caches = createCaches({ ...shape, cacheType: "float32" }, kind);
    for (let from = 0; from < ids.length; from += contextTokens) {
      const part = ids.slice(from, from + contextTokens);
      const cache = caches.newCache(contextTokens);
      for (let at = 0; at < part.length; at += PIECE) {
        signal.throwIfAborted();
        const piece = part.slice(at, at + PIECE);
        const squares = observed.map(
          ({ output, columns }) => [output, { dims: [columns], data: new Float32Array(columns) }] as const,
        );
        // Logits of all positions, so that the head sees as many inputs as the other matrices.
        await decoder.forward(
          cache,
          embeddings.lookUp(piece),
          [...piece.keys()],
          undefined,
          Object.fromEntries(squares),
        );
        squares.forEach(([, { data }], i) => data.forEach((it, column) => (sums[i]![column]! += it)));
        onProgress(from + at + piece.length, ids.length);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  } finally {
    await decoder.dispose();
  }
  return new Map(
    observed.flatMap(({ tensors }, i) => {
      const mean = Float32Array.from(sums[i]!, (it) => it / ids.length);
      return tensors.map((it) => [it, mean] as const);
    }),
  );
}

function encodeText(file: ModelFile, text: string): readonly number[] {
  const ids = createTokenizer(readTokenizerMetadata(file.metadata)).encode(text);
  if (ids.length === 0) throw new TillerError("usage", "The text to calibrate with is empty.");
  return ids;
}
