/**
 * Rows of a batch that each write a text of their own. Whoever writes one holds a seat: a branch like any other, whose
 * `append` waits until every row has something to read, so that all are read in one step.
 *
 * The live rows are always the first ones of the batch's memory. A row that ends makes room for the last one, and from then on
 * a step reads one row less.
 */

import { stackRows } from "../adapters/stack.js";
import type { Lease } from "../cache/prefixCache.js";
import type { LoadedModel } from "../loadedModel.js";
import type { HookFeeds } from "../ort/decoder.js";
import type { CacheRows, KvCache } from "../ort/kvCache.js";
import type { Reader } from "../reader.js";
import type { Branch } from "./branch.js";
import { prefill } from "./prefill.js";

export interface Seat extends Branch {
  /** How long it waited, with its prompt read, for the others to be ready too. */
  waitedMs(): number;
}

export interface RowBatch {
  /** A row's seat; `prompt` begins with the reader's virtual ids. All readers share a decoder. */
  open(reader: Reader, prompt: readonly number[]): Seat;
  /** No further seats will be opened: from now on rows are read. */
  start(): void;
  /** Gives the memory back, when every seat was released. */
  release(): void;
}

interface Row {
  readonly reader: Reader;
  readonly lease: Lease;
  /** A row of the batch's memory; another one when rows have ended. */
  cache: KvCache;
  readonly written: number[];
  waiting: Waiting | undefined;
  readySince: number | undefined;
  waitedMs: number;
}

interface Waiting {
  readonly ids: readonly number[];
  readonly resolve: (logits: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/** `memory`: rows of the model's pool, at least as many as seats. */
export function createRowBatch(model: LoadedModel, memory: CacheRows): RowBatch {
  const live: Row[] = [];
  let isStarted = false;
  let isReading = false;
  /** Of the live rows as they are now. */
  let feeds: HookFeeds | undefined;

  function leave(row: Row): void {
    const place = live.indexOf(row);
    if (place < 0) return;
    giveBack(row);
    const last = live.pop()!;
    if (last !== row) {
      row.cache.copyFrom(last.cache, last.cache.length);
      last.cache.truncate(0);
      last.cache = row.cache;
      live[place] = last;
    } else row.cache.truncate(0);
    feeds = undefined;
    readIfReady();
  }

  function readIfReady(): void {
    if (!isStarted || isReading || live.length === 0 || live.some((it) => it.waiting === undefined)) return;
    isReading = true;
    const rows = [...live];
    const waiting = rows.map((it) => it.waiting!);
    for (const it of rows) it.waiting = undefined;
    void read(rows, waiting).then(
      (logits) => {
        isReading = false;
        waiting.forEach((it, i) => it.resolve(logits[i]!));
      },
      (error: unknown) => {
        isReading = false;
        for (const it of waiting) it.reject(error);
      },
    );
  }

  /** The operator that attends refuses a batch of several tokens behind a past: of more than one, the last is read together. */
  async function read(rows: readonly Row[], waiting: readonly Waiting[]): Promise<Float32Array[]> {
    for (const [i, { reader, cache }] of rows.entries()) {
      const first = waiting[i]!.ids.slice(0, -1);
      if (0 < first.length) await reader.read(cache, first, []);
    }
    const { decoder, embed } = rows[0]!.reader;
    feeds ??= feedsOf(rows);
    const last = waiting.map((it) => it.ids.at(-1)!);
    const logits = await decoder.step(memory.first(rows.length), embed(last), feeds);
    const size = logits.length / rows.length;
    rows.forEach((it, i) => it.written.push(...waiting[i]!.ids));
    return rows.map((_, i) => logits.slice(i * size, (i + 1) * size));
  }

  return {
    open(reader, prompt) {
      const lease = reader.lease(prompt);
      const cache = memory.rows[live.length]!;
      const row: Row = {
        ...{ reader, lease, cache, written: [], waiting: undefined, readySince: undefined, waitedMs: 0 },
      };
      live.push(row);
      return {
        cached: lease.cache.length,
        readings: 1,
        unguided: () => undefined,
        waitedMs: () => row.waitedMs,
        async begin(options) {
          const logits = await prefill(reader, lease, prompt, options);
          if (logits !== undefined) row.cache.copyFrom(lease.cache, lease.cache.length);
          row.readySince = performance.now();
          return logits;
        },
        append: (ids) =>
          new Promise((resolve, reject) => {
            row.waiting = { ids, resolve, reject };
            readIfReady();
          }),
        release: () => leave(row),
      };
    },
    start() {
      const now = performance.now();
      for (const it of live) it.waitedMs = now - (it.readySince ?? now);
      isStarted = true;
      readIfReady();
    },
    release: () => model.rowPool.giveBack(memory),
  };
}

function feedsOf(rows: readonly Row[]): HookFeeds {
  const { decoder } = rows[0]!.reader;
  const values = rows.map(({ reader }) => reader.adapted?.values ?? new Map());
  return decoder.hookFeeds(stackRows(values, decoder.hookInputs));
}

/** What was written is known to the next request that goes on from it. */
function giveBack({ lease, cache, written }: Row): void {
  // Of a prompt that was not read to its end, the lease holds more than the row.
  if (lease.cache.length < cache.length) lease.cache.copyFrom(cache, cache.length);
  lease.appended(written);
  lease.release();
}
