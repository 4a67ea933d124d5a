/** Writes control vectors in llama.cpp's format, which controlVector.ts reads. */

import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { TillerError } from "../../base/error.js";
import { ggufBytes, type GgufValue } from "../gguf/writeGguf.js";

export interface WritableVector {
  /** Of the model it is for: `llama`. */
  readonly architecture: string;
  /** What it does, in words. */
  readonly description: string;
  /** How it was made; keys begin with `tiller.`. */
  readonly provenance: Readonly<Record<string, GgufValue>>;
  /** [hidden] by layers; llama.cpp refuses one for layer 0. */
  readonly directions: ReadonlyMap<number, Float64Array>;
}

/** Throws `file-unwritable`; then nothing is left behind. */
export function writeControlVector(path: string, vector: WritableVector): void {
  const partial = `${path}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(partial, controlVectorBytes(vector));
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new TillerError("file-unwritable", `${path} cannot be written (${code}).`);
  }
}

export function controlVectorBytes(vector: WritableVector): Uint8Array {
  const { architecture, description, provenance, directions } = vector;
  const tensors = [...directions].map(([layer, values]) => ({
    name: `direction.${layer}`,
    shape: [values.length],
    values: Float32Array.from(values),
  }));
  const metadata: Record<string, GgufValue> = {
    "general.architecture": "controlvector",
    "general.description": description,
    "controlvector.model_hint": architecture,
    "controlvector.layer_count": { count: directions.size },
    ...provenance,
  };
  return ggufBytes(metadata, tensors);
}
