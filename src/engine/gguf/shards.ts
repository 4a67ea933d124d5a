/** Models that lie in several files, `NAME-00001-of-00003.gguf` and so on: which file is which (llama.cpp's gguf-split). */

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { TillerError } from "../../base/error.js";
import type { GgufMetadata } from "./metadata.js";

/** What a file says of itself; undefined for a model in one file. */
export interface ShardFacts {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  /** Tensors of all files together, where the file says it. */
  readonly tensorCount: number | undefined;
}

/** The format's own limit: five digits. */
const MOST_SHARDS = 99999;

export function readShardFacts(metadata: GgufMetadata, path: string): ShardFacts | undefined {
  const count = metadata.number("split.count") ?? 0;
  if (count <= 1) return undefined;
  const index = metadata.number("split.no") ?? 0;
  if (!Number.isInteger(count) || MOST_SHARDS < count || !Number.isInteger(index) || index < 0 || count <= index) {
    throw new TillerError("model-corrupt", `${path} says that it is file ${index + 1} of ${count}, which cannot be.`);
  }
  return { index, count, tensorCount: metadata.number("split.tensors.count") };
}

/** The paths of all files of the model that `path` belongs to. Throws `model-not-found` with those that are missing. */
export function shardPaths(path: string, { index, count }: ShardFacts): string[] {
  const ending = shardEnding(index, count);
  if (!path.endsWith(ending)) {
    const message =
      `${path} is file ${index + 1} of a model in ${count} files, but its name does not end in "${ending}", ` +
      "so that the others cannot be found. Give all of them the names that they came with.";
    throw new TillerError("model-not-found", message);
  }
  const stem = path.slice(0, -ending.length);
  const paths = Array.from({ length: count }, (_, i) => `${stem}${shardEnding(i, count)}`);
  const missing = paths.filter((it) => !existsSync(it)).map((it) => basename(it));
  if (missing.length === 0) return paths;
  const shown = missing.slice(0, 3).join(", ") + (3 < missing.length ? ` and ${missing.length - 3} more` : "");
  const message =
    `${basename(path)} is one of ${count} files of a model, and ${shown} ${missing.length === 1 ? "is" : "are"} not in ` +
    `${dirname(path)}. Put all files of the model into one folder.`;
  throw new TillerError("model-not-found", message);
}

/** Only the first file of several is a model to choose; false for all others and for files that are no shards. */
export function isLaterShard(path: string): boolean {
  const found = /-(\d{5})-of-(\d{5})\.gguf$/.exec(path);
  return found !== null && found[1] !== "00001";
}

/** The model's path without the counting part, to name what is made of it. */
export function withoutShardEnding(path: string): string {
  return join(dirname(path), basename(path).replace(/-\d{5}-of-\d{5}\.gguf$/, ".gguf"));
}

function shardEnding(index: number, count: number): string {
  const digits = (it: number) => String(it).padStart(5, "0");
  return `-${digits(index + 1)}-of-${digits(count)}.gguf`;
}
