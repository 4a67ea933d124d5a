/**
 * A comparison that outlives crashes of the engine: what was finished is kept, and the rest is asked of the engine that is
 * started next. What was being written when it stopped may be what stopped it, so each of those is written by itself then,
 * and fails when the engine stops once more.
 */

import { TillerError } from "../base/error.js";
import { cellKey, placesOf } from "../protocol/cellPlace.js";
import type {
  CellPlace,
  CellResult,
  CompareEvent,
  Comparer,
  CompareRequest,
  CompareResult,
  FailedCell,
} from "../protocol/compare.js";
import type { OnEvent } from "../protocol/engine.js";

/** As `Comparer.compare`; tells `restarted` of what is written anew. Rejects when the engine stops and nothing is left to try. */
export async function resumeComparison(
  comparer: Pick<Comparer, "compare">,
  request: CompareRequest,
  onEvent: OnEvent<CompareEvent>,
  signal: AbortSignal,
): Promise<CompareResult> {
  const run = createRun(request, onEvent);
  for (let call: CompareRequest | undefined = request, last: CompareResult | undefined; ;) {
    try {
      last = await comparer.compare(call, run.saw, signal);
    } catch (error) {
      if (!hasExited(error) || signal.aborted || !run.isStarted()) throw error;
      run.crashed(error);
    }
    const next = run.next(last);
    if (next === undefined) return last!;
    call = next;
    last = undefined;
  }
}

function hasExited(error: unknown): error is TillerError {
  return error instanceof TillerError && error.code === "host-exited";
}

/** With nothing written in between, the engine is started no more often. */
const MOST_IDLE = 2;

function createRun(request: CompareRequest, onEvent: OnEvent<CompareEvent>) {
  const { again } = request;
  let started: Extract<CompareEvent, { readonly type: "started" }> | undefined;
  let isResumed = false;
  let judges = request.judges;
  let idle = 0;
  let hasProgress = false;
  const time = new Date().toISOString();
  const finished = new Map<string, CellResult>();
  /** In the call that is made now. */
  const writing = new Map<string, CellPlace>();
  /** To be written by themselves. */
  let suspects: CellPlace[] = [];
  let isAlone = false;
  let isLast = false;

  function saw(event: CompareEvent): void {
    switch (event.type) {
      case "started":
        if (isResumed) return;
        started = event;
        break;
      case "writing":
        for (const it of event.cells) writing.set(cellKey(it), it);
        break;
      case "finished":
        keep(event.cell);
        hasProgress = true;
        return;
      case "progress":
        if (!isResumed) break;
        return onEvent({ ...event, ...counts() });
      case "done":
        if (isResumed && !isLast) return;
        return onEvent({ ...event, ...counts() });
      default: // what the page is told as it is
    }
    onEvent(event);
  }

  function keep(cell: CellResult): void {
    writing.delete(cellKey(cell));
    finished.set(cellKey(cell), cell);
    onEvent({ type: "finished", cell });
  }

  function counts() {
    const all = [...finished.values()];
    const done = all.filter((it) => it.status === "finished").length;
    return { done, failed: all.filter((it) => it.status === "failed").length, total: started!.total };
  }

  /** Throws the error when trying again would be in vain. */
  function crashed(error: TillerError): void {
    isResumed = true;
    const open = [...writing.values()];
    writing.clear();
    if (isAlone && 0 < open.length) {
      for (const it of open) keep(failedCell(it, seedOf(it), error));
    } else if (0 < open.length) {
      suspects = [...open, ...suspects];
      for (const cell of open) onEvent({ type: "restarted", cell, reason: error.message });
    }
    idle = 0 < open.length || hasProgress ? 0 : idle + 1;
    hasProgress = false;
    if (idle < MOST_IDLE) return;
    if (judges === undefined || 0 < missing().length) throw error;
    // Everything is written, and asking the judge is what stops the engine.
    const judge = judges.prompt === undefined ? "likelihood" : "prompt";
    judges = undefined;
    idle = 0;
    onEvent({ type: "not-judged", judge, message: error.message });
  }

  /** `last`: what the call before came to; undefined when it came to nothing. Undefined: it was the last one. */
  function next(last: CompareResult | undefined): CompareRequest | undefined {
    if (last !== undefined && (!isResumed || isLast || last.finish === "stopped")) return undefined;
    const alone = suspects.shift();
    isAlone = alone !== undefined;
    isLast = !isAlone;
    const { judges: _, store: __, ...others } = request;
    const cells = alone === undefined ? missing() : [alone];
    return {
      ...others,
      ...(isLast && judges !== undefined && { judges }),
      ...(isLast && request.store !== undefined && { store: request.store }),
      again: { result: soFar(), cells },
    };
  }

  function missing(): readonly CellPlace[] {
    const alone = new Set(suspects.map(cellKey));
    return planned().filter((it) => !finished.has(cellKey(it)) && !alone.has(cellKey(it)));
  }

  function planned(): readonly CellPlace[] {
    return again === undefined ? placesOf(started!) : again.cells;
  }

  function soFar(): CompareResult {
    const { id, variants, inputs, seeds } = started!;
    const known = again?.result.cells.filter((it) => !finished.has(cellKey(it))) ?? [];
    const { path, text = "" } = request;
    return {
      ...{ schema: 1, id, time, prompt: path, promptHash: "", promptText: text, finish: "stopped", ms: 0, judged: [] },
      ...again?.result,
      ...{ variants, inputs, seeds, cells: [...known, ...finished.values()] },
    };
  }

  function seedOf({ repeat }: CellPlace): number {
    return started!.seeds[repeat] ?? 0;
  }

  return { saw, crashed, next, isStarted: () => started !== undefined };
}

function failedCell({ variant, input, repeat }: CellPlace, seed: number, error: TillerError): FailedCell {
  return { variant, input, repeat, seed, output: [], status: "failed", code: error.code, message: error.message };
}
