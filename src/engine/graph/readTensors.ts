/**
 * Which tensors of a file a graph was built from. One that nobody read belongs to a part that this version does not know, such
 * as an expert that all tokens share: without it the model would run and write nonsense.
 */

import { TillerError } from "../../base/error.js";
import { count } from "../../base/count.js";
import type { ModelFile } from "../gguf/modelFile.js";
import type { WeightReader } from "./weights.js";

export interface ReadTensors {
  readonly weights: WeightReader;
  /** Throws `model-unsupported` with the names of tensors that were not read. */
  checkAllRead(file: ModelFile): void;
}

/** `elsewhere` are tensors that are read in another way: embeddings are looked up outside of the graph. */
export function readTensors(weights: WeightReader, elsewhere: readonly string[] = ["token_embd.weight"]): ReadTensors {
  const read = new Set(elsewhere);
  const noted = <T extends readonly unknown[], R>(find: (name: string, ...rest: T) => R) => {
    return (name: string, ...rest: T): R => {
      read.add(name);
      return find(name, ...rest);
    };
  };
  return {
    weights: {
      ...weights,
      vector: noted(weights.vector),
      matrix: noted(weights.matrix),
      stack: noted(weights.stack),
    },
    checkAllRead({ path, tensors }) {
      // Of two lists of factors one is used; older files carry frequencies that nobody needs.
      const unread = [...tensors.keys()].filter((it) => !read.has(it) && !/^rope_|rot_embd|rotary_emb/.test(it));
      if (unread.length === 0) return;
      const names = unread.slice(0, MOST_NAMES).join(", ") + (MOST_NAMES < unread.length ? ", ..." : "");
      throw new TillerError(
        "model-unsupported",
        `${path} has ${count(unread.length, "tensor")} that this version does not know what to do with: ${names}.`,
      );
    },
  };
}

const MOST_NAMES = 4;
