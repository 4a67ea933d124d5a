/**
 * The vectors of the vocabulary, kept as they are in the file and decoded when a token is read.
 *
 * They are looked up here and not in the graph: the lookup costs microseconds, the weights are not held twice, and other
 * vectors (images, soft prompts) can take a token's place.
 */

import { TillerError } from "../base/error.js";
import { dequantize } from "./gguf/dequantize.js";
import type { TensorInfo } from "./gguf/modelFile.js";

export interface EmbeddingTable {
  /** Writes the vector of each id one after the other: [ids.length, hiddenSize]. */
  lookUp(ids: readonly number[]): Float32Array;
}

/** `bytes` are the tensor's own, [vocabulary, hidden]; they are kept. */
export function embeddingTable(tensor: TensorInfo, bytes: Uint8Array): EmbeddingTable {
  const [hiddenSize, vocabularySize] = tensor.shape as [number, number];
  const rowBytes = bytes.length / vocabularySize;
  // Rows can lie at odd addresses, which float views do not take.
  const row = new Uint8Array(rowBytes);
  return {
    lookUp(ids) {
      const out = new Float32Array(ids.length * hiddenSize);
      ids.forEach((id, i) => {
        if (id < 0 || vocabularySize <= id || !Number.isInteger(id)) {
          throw new TillerError("usage", `${id} is not a token of this model: ids go from 0 to ${vocabularySize - 1}.`);
        }
        row.set(bytes.subarray(id * rowBytes, (id + 1) * rowBytes));
        out.set(dequantize(tensor.type.name, row, hiddenSize), i * hiddenSize);
      });
      return out;
    },
  };
}
