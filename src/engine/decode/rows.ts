/**
 * Several sequences that are read side by side: one step of all of them costs little more than a step of one. Each may have
 * adapters of its own.
 *
 * The operator that attends refuses a batch of several tokens behind a past, so prompts are read one after the other, and
 * only single tokens go together.
 */

import { stackRows } from "../adapters/stack.js";
import type { Lease } from "../cache/prefixCache.js";
import type { Hook } from "../graph/hooks.js";
import type { LoadedModel } from "../loadedModel.js";
import type { HookFeeds } from "../ort/decoder.js";
import type { CacheRows, KvCache } from "../ort/kvCache.js";
import { openReader, type Reader, type Reading } from "../reader.js";
import { logitRows } from "./logitRows.js";
import { prefill, type PrefillOptions } from "./prefill.js";

export interface RowPrompt {
  readonly ids: readonly number[];
  readonly adaptation: Reading;
}

export interface Rows {
  readonly count: number;
  /** Of the first row's prompt, the tokens that were known from an earlier request. */
  readonly cached: number;
  /** Of the other rows' prompts, the tokens that were known: from the first row, or from an earlier request. */
  sharedTokens(): number;
  /** Reads the prompts; gives the logits [vocabulary] after each, or undefined when cancelled. Progress is the first one's. */
  begin(options: PrefillOptions): Promise<Float32Array[] | undefined>;
  /** Reads what was written to each row; gives the logits [vocabulary] after it. */
  append(ids: readonly (readonly number[])[]): Promise<Float32Array[]>;
  /** Gives the caches back; what they hold stays known. */
  release(): void;
}

interface Row {
  readonly reader: Reader;
  readonly ids: readonly number[];
  /** Taken when the row's turn has come, so that what the rows before it have read is known to it. */
  lease: Lease | undefined;
  /** Of the batch's memory; undefined: the lease's own cache is read. */
  readonly memory: KvCache | undefined;
  sharedTokens: number;
  /** What was written behind the prompt. */
  readonly written: number[];
}

/** Rejects with what is wrong with an adapter. */
export async function openRows(model: LoadedModel, prompts: readonly RowPrompt[]): Promise<Rows> {
  const readers = await openReaders(model, prompts);
  // Rows of a cache that forgets are read one after the other: its slots are its own.
  const canBatch = readers.every((it) => it.visibility === undefined);
  const batch = canBatch ? model.rowPool.take(prompts.length) : undefined;
  const rows = prompts.map(({ ids }, i): Row => {
    const reader = readers[i]!;
    const all = [...reader.virtualIds, ...ids];
    return { reader, ids: all, lease: undefined, memory: batch?.rows[i], sharedTokens: 0, written: [] };
  });
  const first = leaseOf(rows[0]!);
  const together = batch && feedsOf(readers);
  return {
    count: rows.length,
    cached: first.cache.length,
    sharedTokens: () => rows.slice(1).reduce((sum, it) => sum + it.sharedTokens, 0),
    begin: (options) => readPrompts(rows, options),
    async append(ids) {
      const isOneEach = ids.every((it) => it.length === 1);
      const read = batch && together && isOneEach ? stepTogether(batch, together, rows, ids) : readAlone(rows, ids);
      const logits = await read;
      rows.forEach((it, i) => it.written.push(...ids[i]!));
      return logits;
    },
    release() {
      rows.forEach((it) => giveBack(it));
      for (const it of readers) it.release();
      if (batch !== undefined) model.rowPool.giveBack(batch);
    },
  };
}

/** All on one decoder, which has the hooks of all. */
async function openReaders(model: LoadedModel, prompts: readonly RowPrompt[]): Promise<Reader[]> {
  const adapted = await Promise.all(prompts.map((it) => model.shelf.adapted(it.adaptation)));
  const hooks = new Set<Hook>(adapted.flatMap((it) => [...it.hooks]));
  const readers: Reader[] = [];
  try {
    for (const { adaptation } of prompts) readers.push(await openReader(model, adaptation, hooks));
    return readers;
  } catch (error) {
    for (const it of readers) it.release();
    throw error;
  }
}

function feedsOf(readers: readonly Reader[]): HookFeeds {
  const { decoder } = readers[0]!;
  const values = readers.map((it) => it.adapted?.values ?? new Map());
  return decoder.hookFeeds(stackRows(values, decoder.hookInputs));
}

function leaseOf(row: Row): Lease {
  if (row.lease === undefined) {
    row.lease = row.reader.lease(row.ids);
    row.sharedTokens = row.lease.cache.length;
  }
  return row.lease;
}

function cacheOf(row: Row): KvCache {
  return row.memory ?? leaseOf(row).cache;
}

async function readPrompts(
  rows: readonly Row[],
  { signal, onProgress }: PrefillOptions,
): Promise<Float32Array[] | undefined> {
  const all: Float32Array[] = [];
  for (const [i, row] of rows.entries()) {
    const lease = leaseOf(row);
    const logits = await prefill(row.reader, lease, row.ids, { signal, ...(i === 0 && onProgress && { onProgress }) });
    if (logits === undefined) return undefined;
    all.push(logits);
    row.memory?.copyFrom(lease.cache, lease.cache.length);
  }
  return all;
}

async function stepTogether(
  batch: CacheRows,
  feeds: HookFeeds,
  rows: readonly Row[],
  ids: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const { decoder, embed } = rows[0]!.reader;
  const logits = await decoder.step(batch, embed(ids.map((it) => it[0]!)), feeds);
  return logitRows(logits, rows.length);
}

async function readAlone(rows: readonly Row[], ids: readonly (readonly number[])[]): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for (const [i, row] of rows.entries()) all.push(await row.reader.read(cacheOf(row), ids[i]!, [ids[i]!.length - 1]));
  return all;
}

/** What was written is known to the next request that goes on from it. */
function giveBack({ lease, memory, written }: Row): void {
  if (lease === undefined) return; // its turn did not come
  // Of a prompt that was not read to its end, the lease holds more than the row.
  if (memory !== undefined && lease.cache.length < memory.length) lease.cache.copyFrom(memory, memory.length);
  lease.appended(written);
  lease.release();
}
