/**
 * A choice whose options are compared as wholes. Token by token, an option that begins well can win and end badly; here each
 * option is read to its end, and its probability is the product over its own tokens.
 */

import { TillerError } from "../../base/error.js";
import type { GenerateEvent, GenerateRequest, GenerateResult, OnEvent, OptionScore } from "../../protocol/engine.js";
import type { Lease } from "../cache/prefixCache.js";
import type { LoadedModel } from "../loadedModel.js";
import type { KvCache } from "../ort/kvCache.js";
import type { Reader } from "../reader.js";
import { seededRandom } from "../sampling/random.js";
import { logSumExp } from "./likeliest.js";
import { logitRows } from "./logitRows.js";

export interface Choosing {
  readonly model: LoadedModel;
  readonly request: GenerateRequest;
  /** The end of the prompt that is written again in front of each option. */
  readonly again: string;
  readonly reader: Reader;
  readonly lease: Lease;
  readonly onEvent: OnEvent<GenerateEvent>;
  readonly signal: AbortSignal;
}

/** `first` are the logits [vocabulary] after the prompt, undefined when reading it was cancelled. Throws `usage`. */
export async function choose(
  { model, request, again, reader, lease, onEvent, signal }: Choosing,
  first: Float32Array | undefined,
): Promise<Pick<GenerateResult, "text" | "ids" | "finish" | "scores">> {
  const { constraint, sampling = {} } = request;
  if (constraint?.kind !== "choice") throw new TillerError("usage", "Only the options of a choice have scores.");
  const { options } = constraint;
  const ids = options.map((it) => model.tokenizer.encode(again + it));
  const longest = Math.max(...ids.map((it) => it.length));
  if (lease.cache.capacity < lease.cache.length + longest)
    throw new TillerError(
      "prompt-too-long",
      "The prompt leaves no room for the options. Shorten it, or raise the context.",
    );
  // A cache that forgets cannot always go back, so options are read on a copy of it.
  const scratch = reader.visibility === undefined ? undefined : reader.newCache();
  const logprobs: number[] = [];
  try {
    for (const it of ids) {
      if (first === undefined || signal.aborted) return { text: "", ids: [], finish: "cancelled" };
      logprobs.push(await logprobOf(reader, lease.cache, first, it, scratch));
    }
  } finally {
    scratch?.dispose();
  }
  const scores = probabilities(options, logprobs);
  const chosen = pick(scores, sampling.temperature ?? 0, seededRandom(sampling.seed ?? 0)());
  const text = options[chosen]!;
  onEvent({ type: "text", text });
  return { text, ids: ids[chosen]!, finish: "stop", scores };
}

/** Leaves the cache as it was. */
async function logprobOf(
  reader: Reader,
  cache: KvCache,
  first: Float32Array,
  ids: readonly number[],
  scratch: KvCache = cache,
): Promise<number> {
  let sum = first[ids[0]!]! - logSumExp(first);
  if (ids.length === 1) return sum;
  const before = cache.length;
  if (scratch !== cache) scratch.copyFrom(cache, before);
  const read = ids.slice(0, -1);
  const logits = await reader.read(
    scratch,
    read,
    read.map((_, i) => i),
  );
  if (scratch === cache) cache.truncate(before);
  for (const [i, row] of logitRows(logits, read.length).entries()) sum += row[ids[i + 1]!]! - logSumExp(row);
  return sum;
}

/** What an option shares with a longer one that begins like it counts for the longer one alone. */
function probabilities(options: readonly string[], logprobs: readonly number[]): OptionScore[] {
  const own = logprobs.map(Math.exp);
  const alone = options.map((option, i) =>
    options.reduce((left, other, k) => (other !== option && other.startsWith(option) ? left - own[k]! : left), own[i]!),
  );
  const weights = alone.map((it) => Math.max(0, it));
  const total = weights.reduce((sum, it) => sum + it, 0);
  // Options that are all too unlikely for a double are compared by what is left of them.
  if (total < Number.MIN_VALUE * 1e10) return relative(options, logprobs);
  return options.map((option, i) => ({ option, probability: weights[i]! / total }));
}

function relative(options: readonly string[], logprobs: readonly number[]): OptionScore[] {
  const best = Math.max(...logprobs);
  const weights = logprobs.map((it) => Math.exp(it - best));
  const total = weights.reduce((sum, it) => sum + it, 0);
  return options.map((option, i) => ({ option, probability: weights[i]! / total }));
}

/** `coin` is uniform in [0, 1). With temperature 0 the likeliest. */
function pick(scores: readonly OptionScore[], temperature: number, coin: number): number {
  const best = scores.reduce((top, { probability }, i) => (scores[top]!.probability < probability ? i : top), 0);
  if (temperature === 0) return best;
  const weights = scores.map(({ probability }) => Math.pow(probability / scores[best]!.probability, 1 / temperature));
  let left = coin * weights.reduce((sum, it) => sum + it, 0);
  const found = weights.findIndex((it) => (left -= it) < 0);
  return found < 0 ? best : found;
}
