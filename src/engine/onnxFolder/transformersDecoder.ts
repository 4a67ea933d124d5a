/**
 * A model that transformers.js has loaded, as the rest of the engine reads models. It takes ids and not vectors, so a token's
 * "vector" here is the one number of its id (`idsAsVectors`). Its session returns longer keys and values with each step.
 */

import { TillerError } from "../../base/error.js";
import { checkIds } from "../checkIds.js";
import type { EmbeddingTable } from "../embeddingTable.js";
import { halfToFloat } from "../gguf/half.js";
import type { Decoder } from "../ort/decoder.js";
import type { KvCache } from "../ort/kvCache.js";
import type { CausalModel, TensorData, Transformers, TransformersTensor } from "./transformersPackage.js";

/** Numbers of a token's vector; floats hold every id exactly. */
export const ID_VECTOR = 1;

export function idsAsVectors(vocabularySize: number): EmbeddingTable {
  return {
    lookUp(ids) {
      checkIds(ids, vocabularySize);
      return Float32Array.from(ids);
    },
  };
}

/** Tensors by the names of the session's inputs; those of keys and values are [1, heads, positions, head size]. */
type Past = Readonly<Record<string, TransformersTensor>>;

interface PastCache extends KvCache {
  past: Past | undefined;
  grown(past: Past, count: number): void;
}

export function pastCache({ Tensor }: Transformers, capacity: number): KvCache {
  const first = (past: Past | undefined, from: number, count: number): Past | undefined => {
    if (past === undefined || count === 0) return undefined;
    const entries = Object.entries(past);
    // States that are no list of positions cannot go back.
    if (!entries.every(([name, it]) => isList(name, it, from))) return undefined;
    return Object.fromEntries(entries.map(([name, it]) => [name, firstPositions(Tensor, it, count)]));
  };
  let length = 0;
  const cache: PastCache = {
    capacity,
    past: undefined,
    get length() {
      return length;
    },
    get room() {
      return capacity - length;
    },
    truncate(to) {
      if (length <= to) return;
      cache.past = first(cache.past, length, to);
      length = cache.past === undefined ? 0 : to;
    },
    copyFrom(other, count) {
      cache.past = first((other as PastCache).past, other.length, count);
      length = cache.past === undefined ? 0 : count;
    },
    fill() {
      throw new Error("a model in the ONNX layout has no adapters");
    },
    grown(past, count) {
      cache.past = past;
      length += count;
    },
    dispose: () => undefined,
  };
  return cache;
}

/** Throws `model-corrupt` when the logits are not one for each of `vocabularySize` tokens. */
export function transformersDecoder(
  { Tensor, DynamicCache }: Transformers,
  model: CausalModel,
  vocabularySize: number,
): Decoder {
  const integers = (values: readonly number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  const keepsFew = Object.values(model.sessions).some((it) => it.inputNames.includes(KEPT_LOGITS));
  return {
    hookInputs: [],
    hookFeeds: () => ({ tensors: {} }),
    async forward(cache, vectors, rows) {
      const { past, grown } = cache as PastCache;
      const ids = [...vectors];
      const total = cache.length + ids.length;
      if (cache.capacity < total) throw new Error(`a cache for ${cache.capacity} positions cannot hold ${total}`);
      const isLastOnly = rows.every((it) => it === ids.length - 1);
      const outputs = await model.forward({
        input_ids: integers(ids),
        attention_mask: integers(new Array<number>(total).fill(1)),
        ...(past !== undefined && { past_key_values: new DynamicCache(past) }),
        ...(keepsFew && isLastOnly && { [KEPT_LOGITS]: new Tensor("int64", BigInt64Array.of(1n), []) }),
      });
      grown(pastOf(outputs), ids.length);
      return rowsOf(outputs["logits"], rows, ids.length, vocabularySize);
    },
    step: () => Promise.reject(new Error("rows of a model in the ONNX layout are read one by one")),
    dispose: async () => void (await model.dispose()),
  };
}

const KEPT_LOGITS = "num_logits_to_keep";

/** Outputs of states, under the names that they have as inputs of the next step. */
function pastOf(outputs: Readonly<Record<string, TransformersTensor>>): Past {
  const states = Object.entries(outputs).filter(([name]) => name.startsWith("present"));
  return Object.fromEntries(
    states.map(([name, it]) => [name.replace(/^present(?=_)/, "past").replace(/^present/, "past_key_values"), it]),
  );
}

/** Of `count` tokens that were read, the logits behind those at `rows`; the tensor may have only those behind the last. */
function rowsOf(
  logits: TransformersTensor | undefined,
  rows: readonly number[],
  count: number,
  vocabularySize: number,
): Float32Array {
  const [, kept = 0, size = 0] = logits?.dims ?? [];
  if (logits === undefined || size !== vocabularySize || (kept !== count && rows.some((it) => it < count - kept))) {
    const message = `The graph gives ${size} numbers for each token, and config.json says ${vocabularySize}. The files do not belong together.`;
    throw new TillerError("model-corrupt", message);
  }
  const found = new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    const from = (kept - count + row) * size;
    found.set(floats(logits.data.slice(from, from + size)), i * size);
  });
  return found;
}

/** Half-precision numbers come as their bits, or as floats where the engine of JavaScript has such arrays. */
function floats(data: TensorData): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) return Float32Array.from(data, (bits) => halfToFloat[bits]!);
  return Float32Array.from(data as unknown as ArrayLike<number>);
}

function isList(name: string, { dims }: TransformersTensor, positions: number): boolean {
  return /^past_key_values\..*(?:key|value)$/.test(name) && dims.length === 4 && dims[2] === positions;
}

function firstPositions(
  Tensor: Transformers["Tensor"],
  { type, dims, data }: TransformersTensor,
  count: number,
): TransformersTensor {
  const [batch = 1, heads = 1, positions = 0, size = 0] = dims;
  const shorter = data.slice(0, batch * heads * count * size);
  for (let head = 0; head < batch * heads; head++) {
    const from = head * positions * size;
    shorter.set(data.subarray(from, from + count * size) as never, head * count * size);
  }
  return new Tensor(type, shorter, [batch, heads, count, size]);
}
