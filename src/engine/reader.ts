/** The model as one request reads it: with its own adapters, and with caches that only requests alike share. */

import { TillerError } from "../base/error.js";
import type { Adaptation } from "../protocol/adapter.js";
import type { Adapted } from "./adapters/shelf.js";
import type { Visibility } from "./attention/visibility.js";
import type { Lease } from "./cache/prefixCache.js";
import type { Hook, Hooks } from "./graph/hooks.js";
import type { LoadedModel } from "./loadedModel.js";
import type { Decoder, ExtraOutput, HookFeeds } from "./ort/decoder.js";
import type { KvCache } from "./ort/kvCache.js";

/** Adapters, and what each token sees of those before it. */
export interface Reading extends Adaptation {
  /** Undefined: everything. */
  readonly visibility?: Visibility | undefined;
}

export interface Reader {
  readonly visibility: Visibility | undefined;
  /** Undefined without adapters. */
  readonly adapted: Adapted | undefined;
  /** Stand before every prompt: one for each position that adapters put in front. */
  readonly virtualIds: readonly number[];
  readonly decoder: Decoder;
  /** What the decoder's hooks are fed with. */
  readonly feeds: HookFeeds;
  /** A cache that holds the longest known beginning of `ids`, which begin with the virtual ones. */
  lease(ids: readonly number[]): Lease;
  /** A cache of nobody else, as those of `lease`. */
  newCache(): KvCache;
  /** The vectors [ids.length, hidden] that stand for the tokens. */
  embed(ids: readonly number[]): Float32Array;
  /** Appends tokens to the cache; returns the logits [rows.length, vocabulary] after those whose indices are in `rows`. */
  read(
    cache: KvCache,
    ids: readonly number[],
    rows: readonly number[],
    extra?: Readonly<Record<string, ExtraOutput>>,
  ): Promise<Float32Array>;
  /** Lets go of what the adapters need; the reader is not used after it. */
  release(): void;
}

/**
 * Rejects with what is wrong with an adapter; the model is as it was before. `further` are hooks that the decoder needs for
 * others beside this reader.
 */
export async function openReader(
  model: LoadedModel,
  { adapters = [], routing, visibility }: Reading,
  further: Hooks = noHooks,
): Promise<Reader> {
  const isPlain = adapters.length === 0 && routing === undefined;
  const adapted = isPlain ? undefined : await model.shelf.adapted({ adapters, ...(routing && { routing }) });
  if (visibility !== undefined) checkCanForget(adapted);
  checkCanStore(model, adapted);
  const own: readonly Hook[] = visibility === undefined ? [] : ["positions"];
  const hooks = new Set([...(adapted?.hooks ?? []), ...further, ...own]);
  // What others feed is not known here.
  const canBeFixed = further.size === 0 && own.length === 0;
  const lease = await model.decoders.acquire(hooks, canBeFixed ? adapted?.key : undefined);
  const { decoder } = lease;
  const feeds = lease.isFixed ? decoder.hookFeeds(new Map()) : feedsOf(decoder, adapted);
  let steps = 0;
  const { virtualIds, embed } = virtualTokens(model, adapted);
  return {
    visibility,
    adapted,
    virtualIds,
    decoder,
    feeds,
    lease(ids) {
      const lease = model.prefixes(visibility).lease(ids, adapted?.key);
      const { prefix = [], prefixTokens = 0 } = adapted ?? {};
      if (lease.cache.length < prefixTokens) {
        lease.cache.fill(prefix, prefixTokens);
        lease.appended(ids.slice(0, prefixTokens));
      }
      return lease;
    },
    newCache: () => model.newCache(visibility),
    embed,
    read(cache, ids, rows, extra) {
      steps++;
      return decoder.forward(cache, embed(ids), rows, feeds, extra);
    },
    release() {
      lease.release();
      if (adapted !== undefined && canBeFixed) model.fixAdapters.used(adapted, steps);
      steps = 0;
    },
  };
}

/** The keys of prefix tuning belong to no position: there is none at which they could be seen or forgotten. */
function checkCanForget(adapted: Adapted | undefined): void {
  if (adapted === undefined || adapted.prefixTokens === 0) return;
  throw new TillerError(
    "usage",
    "An adapter of prefix tuning cannot be used with sparse attention. Leave out the adapter, or set the attention to dense.",
  );
}

function checkCanStore({ facts }: LoadedModel, adapted: Adapted | undefined): void {
  if (facts.cacheType === "float32" || adapted === undefined || adapted.prefixTokens === 0) return;
  throw new TillerError(
    "usage",
    "An adapter of prefix tuning brings keys that a cache of 8-bit integers was not made for. Leave out the adapter, or use a float32 cache.",
  );
}

const noHooks: Hooks = new Set();

/** Made once for a composition on a decoder. */
const madeFeeds = new WeakMap<Adapted, { readonly decoder: Decoder; readonly feeds: HookFeeds }>();

function feedsOf(decoder: Decoder, adapted: Adapted | undefined): HookFeeds {
  if (adapted === undefined) return decoder.hookFeeds(new Map());
  const known = madeFeeds.get(adapted);
  if (known?.decoder === decoder) return known.feeds;
  const feeds = decoder.hookFeeds(adapted.values);
  madeFeeds.set(adapted, { decoder, feeds });
  return feeds;
}

/** Ids below 0 stand for positions that adapters put in front: those of the prefix first, then the vectors. */
function virtualTokens({ embeddings, shape }: LoadedModel, adapted: Adapted | undefined) {
  const { softPrompt = new Float32Array(0), prefixTokens = 0 } = adapted ?? {};
  const count = prefixTokens + softPrompt.length / shape.hiddenSize;
  const embed = (ids: readonly number[]): Float32Array => {
    if (ids[0] === undefined || 0 <= ids[0]) return embeddings.lookUp(ids);
    const vectors = new Float32Array(ids.length * shape.hiddenSize);
    const virtual = ids.findIndex((it) => 0 <= it);
    const own = virtual < 0 ? ids.length : virtual;
    const from = -ids[0] - 1 - prefixTokens;
    vectors.set(softPrompt.subarray(from * shape.hiddenSize, (from + own) * shape.hiddenSize));
    vectors.set(embeddings.lookUp(ids.slice(own)), own * shape.hiddenSize);
    return vectors;
  };
  return { virtualIds: Array.from({ length: count }, (_, i) => -1 - i), embed };
}
