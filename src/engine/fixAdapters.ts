/**
 * Adapters that write much get a graph of their own, in which they are constants: of the embedded model a step with a LoRA of
 * rank 8 on all modules then takes a tenth longer than one without, instead of a quarter. Such a graph is made when nobody has
 * asked for anything for a while, because that blocks the thread; until then, and for all others, adapters are inputs.
 */

import { recall } from "../base/recall.js";
import type { AdapterSet } from "./decoders.js";

export interface FixAdaptersOptions {
  /** Makes the graph. Rejects when it cannot; then it is not tried again. */
  readonly fix: (adapters: AdapterSet) => Promise<void>;
  /** Somebody waits for something. */
  readonly isBusy: () => boolean;
  readonly idleMs?: number;
}

export interface FixAdapters {
  /** A request with these adapters has run the graph so many times. */
  used(adapters: AdapterSet, steps: number): void;
  dispose(): void;
}

/** Steps of the first set; twice as many of the next one, and so on: sets that take turns shall not push each other out for ever. */
const FIRST_STEPS = 192;
const IDLE_MS = 1500;
/** Sets whose steps are counted. */
const SETS_KEPT = 8;

export function createFixAdapters({ fix, isBusy, idleMs = IDLE_MS }: FixAdaptersOptions): FixAdapters {
  const steps = new Map<string, { total: number }>();
  let needed = FIRST_STEPS;
  let fixed: string | undefined;
  let next: AdapterSet | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isDisposed = false;

  function wait(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (isBusy()) wait();
      else if (next !== undefined) void make(next);
    }, idleMs);
    timer.unref(); // a process that has nothing else to do may end
  }

  async function make(adapters: AdapterSet): Promise<void> {
    next = undefined;
    needed *= 2;
    steps.clear();
    fixed = adapters.key; // also where it fails: what could not be made once need not be tried with every request
    await fix(adapters).catch(() => undefined);
  }

  return {
    used(adapters, count) {
      const { key, hooks } = adapters;
      if (isDisposed || count === 0 || key === fixed || !canBeFixed(hooks)) return;
      const known = recall(steps, key, SETS_KEPT, () => ({ total: 0 }));
      known.total += count;
      if (known.total < needed) return;
      next = adapters;
      wait();
    },
    dispose() {
      isDisposed = true;
      clearTimeout(timer);
    },
  };
}

/** Steering costs next to nothing as it is, and what routes tells its weights to those who ask. */
function canBeFixed(hooks: AdapterSet["hooks"]): boolean {
  return [...hooks].some((it) => it !== "steer") && ![...hooks].some((it) => it.startsWith("routed."));
}
