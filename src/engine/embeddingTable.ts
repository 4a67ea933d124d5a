/**
 * The vectors of the vocabulary, read from the file when a token asks for them: a few microseconds each, and no memory.
 *
 * They are looked up here and not in the graph, so that other vectors (images, soft prompts) can take a token's place.
 */

import { checkIds } from "./checkIds.js";
import { dequantize } from "./gguf/dequantize.js";
import type { ModelFile, TensorInfo } from "./gguf/modelFile.js";
import type { PictureShelf } from "./vision/pictureShelf.js";

export interface EmbeddingTable {
  /** Writes the vector of each id one after the other: [ids.length, hiddenSize]. */
  lookUp(ids: readonly number[]): Float32Array;
}

/** The same for a model that reads pictures: their vectors have ids of their own above the vocabulary (vision/pictureShelf.ts). */
export function withPictures(table: EmbeddingTable, shelf: PictureShelf, hiddenSize: number): EmbeddingTable {
  return {
    lookUp(ids) {
      if (!ids.some((it) => shelf.isPicture(it))) return table.lookUp(ids);
      const out = new Float32Array(ids.length * hiddenSize);
      ids.forEach((id, i) => {
        out.set(shelf.isPicture(id) ? shelf.vector(id) : table.lookUp([id]), i * hiddenSize);
      });
      return out;
    },
  };
}

/** `tensor` is [vocabulary, hidden] of `file`, which must stay open. */
export function embeddingTable(file: ModelFile, tensor: TensorInfo): EmbeddingTable {
  const [hiddenSize, vocabularySize] = tensor.shape as [number, number];
  const row = new Uint8Array(tensor.byteLength / vocabularySize);
  return {
    lookUp(ids) {
      checkIds(ids, vocabularySize);
      const out = new Float32Array(ids.length * hiddenSize);
      ids.forEach((id, i) => {
        file.readPart(tensor, id * row.length, row);
        out.set(dequantize(tensor.type.name, row, hiddenSize), i * hiddenSize);
      });
      return out;
    },
  };
}
