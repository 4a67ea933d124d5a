/**
 * An engine for several runs at once: what they ask for is gathered until each of them waits, and then written side by side.
 * So a run knows nothing of the others, and prompts with several holes go on together from hole to hole.
 */

import { TillerError } from "../base/error.js";
import type { Engine, GenerateEvent, GenerateRequest, GenerateResult, OnEvent } from "../protocol/engine.js";

export interface GatheringSeat {
  readonly engine: Engine;
  /** The most rows that were written together with it. */
  rows(): number;
}

/**
 * Starts `count` runs at once, each on an engine of its own, and gives what they came to in their order. Their requests are all
 * for one model, and end with `signal`. Rejects with what the first of them rejected with, when all have ended: until then the
 * engine is at work.
 */
export async function runTogether<T>(
  engine: Engine,
  count: number,
  signal: AbortSignal,
  run: (seat: GatheringSeat, index: number) => Promise<T>,
): Promise<readonly T[]> {
  const gathering = gather(engine, count, signal);
  const settled = await Promise.allSettled(
    Array.from({ length: count }, async (_, i) => {
      const seat = gathering.seat();
      try {
        return await run(seat, i);
      } finally {
        seat.leave();
      }
    }),
  );
  return settled.map((it) => {
    if (it.status === "rejected") throw it.reason;
    return it.value;
  });
}

interface Gathering {
  /** The engine for one of the runs. */
  seat(): GatheringSeat & Leaving;
}

interface Leaving {
  /** The run has ended, and is not waited for. */
  leave(): void;
}

interface Waiting {
  readonly request: GenerateRequest;
  readonly onEvent: OnEvent<GenerateEvent>;
  readonly resolve: (result: GenerateResult) => void;
  readonly reject: (error: unknown) => void;
  readonly together: (rows: number) => void;
}

/** `runs`: how many seats there are. Their requests are all for one model, and end with `signal`. */
function gather(engine: Engine, runs: number, signal: AbortSignal): Gathering {
  let waiting: Waiting[] = [];
  let live = runs;

  function writeIfAllWait(): void {
    if (waiting.length < live || waiting.length === 0) return;
    const all = waiting;
    waiting = [];
    void write(all).catch((error: unknown) => all.forEach((it) => it.reject(error)));
  }

  async function write(all: readonly Waiting[]): Promise<void> {
    if (all.length === 1) {
      const [{ request, onEvent, resolve, together }] = all as [Waiting];
      together(1);
      resolve(await engine.generate(request, onEvent, signal));
      return;
    }
    const { model } = all[0]!.request;
    const rows = all.map(({ request: { model: _, ...row } }) => row);
    await engine.generateRows(
      { model, rows },
      (event) => {
        if (event.type === "loading") all.forEach((it) => it.onEvent(event));
        else if (event.type === "row") all[event.row]!.onEvent(event.event);
        else {
          const { resolve, reject, together } = all[event.row]!;
          if (event.result.status === "failed") return reject(new TillerError(event.result.code, event.result.message));
          together(event.result.together);
          resolve(event.result.result);
        }
      },
      signal,
    );
  }

  return {
    seat() {
      let rows = 1;
      let isHere = true;
      return {
        rows: () => rows,
        leave() {
          if (!isHere) return;
          isHere = false;
          live--;
          writeIfAllWait();
        },
        engine: {
          ...engine,
          generate: (request, onEvent) =>
            new Promise<GenerateResult>((resolve, reject) => {
              const together = (count: number) => void (rows = Math.max(rows, count));
              waiting.push({ request, onEvent, resolve, reject, together });
              writeIfAllWait();
            }),
        },
      };
    },
  };
}
