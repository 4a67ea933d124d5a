/** Writes several texts side by side: those that can be rows of one batch together, the others one after the other. */

import { TillerError } from "../../base/error.js";
import type {
  GenerateEvent,
  GenerateRequest,
  GenerateRowsEvent,
  GenerateRowsRequest,
  GenerateRowsResult,
  LoadEvent,
  OnEvent,
  RowResult,
} from "../../protocol/engine.js";
import type { Hook } from "../graph/hooks.js";
import type { LoadedModel } from "../loadedModel.js";
import { openReader, type Reader } from "../reader.js";
import { generateBy, openRequestPictures } from "./generate.js";
import { isIdle } from "./idleGuidance.js";
import type { OpenPictures } from "./openPictures.js";
import { createRowBatch, type Seat } from "./rowBatch.js";

export interface GenerateRowsOptions {
  readonly model: LoadedModel;
  /** Writes one text by itself. */
  readonly alone: GenerateAlone;
  readonly onEvent: OnEvent<GenerateRowsEvent>;
  readonly signal: AbortSignal;
}

type GenerateAlone = (
  request: GenerateRequest,
  onEvent: OnEvent<GenerateEvent>,
  signal: AbortSignal,
) => ReturnType<typeof generateBy>;

/** Rows of one batch; beyond, a further batch follows. A step of more gains little and takes memory. */
export const MOST_ROWS = 8;

export async function generateRows(
  { model: spec, rows }: GenerateRowsRequest,
  options: GenerateRowsOptions,
): Promise<GenerateRowsResult> {
  const results: RowResult[] = [];
  const end = (row: number, result: RowResult): void => {
    results[row] = result;
    options.onEvent({ type: "ended", row, result });
  };
  const requests = rows.map((it, row): Row => ({ row, request: { ...it, model: spec } }));
  const batched = requests.filter(({ request }) => canShare(request));
  const alone = requests.filter(({ request }) => !canShare(request));
  for (let from = 0; from < batched.length; from += MOST_ROWS) {
    const part = batched.slice(from, from + MOST_ROWS);
    if (part.length < 2 || !(await writeTogether(part, options, end))) alone.push(...part);
  }
  for (const { row, request } of alone) {
    const written = options.alone(request, tellRow(options, row), options.signal);
    end(row, await settled(written, 1));
  }
  return { rows: results };
}

interface Row {
  readonly row: number;
  readonly request: GenerateRequest;
}

/** Guidance reads rows of its own, scores read ahead, and routing is the same for all rows of a batch. */
function canShare({ guidance, scores, routing }: GenerateRequest): boolean {
  return isIdle(guidance) && scores !== true && routing === undefined;
}

/** False, with nothing begun, where caches cannot be read together. */
async function writeTogether(
  rows: readonly Row[],
  { model, onEvent, signal }: GenerateRowsOptions,
  end: (row: number, result: RowResult) => void,
): Promise<boolean> {
  const memory = model.rowPool.take(rows.length);
  if (memory === undefined) return false;
  const batch = createRowBatch(model, memory);
  const readers: Reader[] = [];
  const held: OpenPictures[] = [];
  try {
    const opened = await openReaders(model, withOpenPictures(model, rows, held, end), readers, end);
    const writing: Promise<void>[] = [];
    for (const { row, request, reader, pictures } of opened) {
      let seat: Seat | undefined;
      let isRead = () => {};
      // One prompt after the other, so that what they have in common is read once.
      const read = new Promise<void>((resolve) => (isRead = resolve));
      const tell = tellRow({ onEvent }, row);
      const open = ({ prompt }: { readonly prompt: readonly number[] }): Promise<Seat> => {
        seat = batch.open(reader, prompt);
        const { begin } = seat;
        return Promise.resolve({ ...seat, begin: (options) => begin(options).finally(isRead) });
      };
      const written = settled(generateBy(reader, model, request, tell, { signal, open, pictures }), opened.length);
      const ended = written.then((result) => end(row, withoutWaiting(result, seat?.waitedMs() ?? 0)));
      ended.catch(isRead); // thrown below, when all have ended
      writing.push(ended);
      await Promise.race([read, ended.catch(() => {})]);
    }
    batch.start();
    // The memory is in use until the last row has ended, also where another one met a bug.
    await Promise.allSettled(writing);
    await Promise.all(writing);
    return true;
  } finally {
    for (const it of readers) it.release();
    for (const it of held) it.release();
    batch.release();
  }
}

interface SeeingRow extends Row {
  readonly pictures: OpenPictures;
}

/** A row whose pictures cannot be had ends here. */
function withOpenPictures(
  model: LoadedModel,
  rows: readonly Row[],
  held: OpenPictures[],
  end: (row: number, result: RowResult) => void,
): SeeingRow[] {
  return rows.flatMap((it) => {
    try {
      const pictures = openRequestPictures(model, it.request);
      held.push(pictures);
      return [{ ...it, pictures }];
    } catch (error) {
      end(it.row, failed(error));
      return [];
    }
  });
}

/** All on one decoder, which has the hooks of all. A row whose adapters cannot be had ends here. */
async function openReaders(
  model: LoadedModel,
  rows: readonly SeeingRow[],
  readers: Reader[],
  end: (row: number, result: RowResult) => void,
): Promise<(SeeingRow & { readonly reader: Reader })[]> {
  const hooks = new Set<Hook>();
  const good: SeeingRow[] = [];
  for (const it of rows) {
    try {
      const { hooks: own } = await model.shelf.adapted(it.request);
      for (const hook of own) hooks.add(hook);
      good.push(it);
    } catch (error) {
      end(it.row, failed(error));
    }
  }
  const opened: (SeeingRow & { readonly reader: Reader })[] = [];
  for (const it of good) {
    const reader = await openReader(model, it.request, hooks);
    readers.push(reader);
    opened.push({ ...it, reader });
  }
  return opened;
}

function tellRow({ onEvent }: Pick<GenerateRowsOptions, "onEvent">, row: number): OnEvent<GenerateEvent> {
  return (event) => onEvent(isLoading(event) ? event : { type: "row", row, event });
}

function isLoading(event: GenerateEvent): event is LoadEvent {
  return event.type === "loading";
}

async function settled(written: ReturnType<typeof generateBy>, together: number): Promise<RowResult> {
  try {
    return { status: "done", result: await written, together };
  } catch (error) {
    return failed(error);
  }
}

/** What is wrong with the world is a result; a bug is thrown on. */
function failed(error: unknown): RowResult {
  if (!(error instanceof TillerError)) throw error;
  return { status: "failed", code: error.code, message: error.message };
}

function withoutWaiting(row: RowResult, waitedMs: number): RowResult {
  if (row.status === "failed") return row;
  const { usage } = row.result;
  const decodeMs = Math.max(0, usage.decodeMs - waitedMs);
  return { ...row, result: { ...row.result, usage: { ...usage, decodeMs } } };
}
