/** Which models are in use, and for how long the others have not been: those that are idle for too long give their memory back. */

import type { ModelSpec } from "../protocol/engine.js";

export interface ModelUse {
  /** Calls that are at work with it. */
  readonly users: number;
  /** Since the last one ended; 0 while there is one. */
  readonly idleMs: number;
}

export interface ModelUses {
  /** A call begins to use the model; what is returned ends it. */
  begin(spec: ModelSpec): () => void;
  of(spec: ModelSpec): ModelUse;
  /** Resolves when no call is at work with the model any more. */
  unused(spec: ModelSpec): Promise<void>;
  /** A call is at work, with whichever model. */
  isBusy(): boolean;
  /** The model is gone. */
  forget(spec: ModelSpec): void;
  /** No model is called idle any more. */
  dispose(): void;
}

export interface ModelUsesOptions {
  readonly keyOf: (spec: ModelSpec) => string;
  /** The model was not used for as long as its last user's spec says. */
  readonly onIdle: (spec: ModelSpec) => void;
  /** Milliseconds from any beginning. */
  readonly now: () => number;
}

interface Entry {
  users: number;
  idleSinceMs: number;
  timer: NodeJS.Timeout | undefined;
  /** Whoever waits until it is unused. */
  readonly waiting: (() => void)[];
}

const MS_PER_MINUTE = 60_000;

export function createModelUses({ keyOf, onIdle, now }: ModelUsesOptions): ModelUses {
  const entries = new Map<string, Entry>();

  function end(spec: ModelSpec, entry: Entry): void {
    entry.users--;
    entry.idleSinceMs = now();
    if (entry.users === 0) for (const it of entry.waiting.splice(0)) it();
    const { unloadAfterMinutes = 0 } = spec;
    if (0 < entry.users || unloadAfterMinutes <= 0 || entries.get(keyOf(spec)) !== entry) return;
    entry.timer = setTimeout(() => onIdle(spec), unloadAfterMinutes * MS_PER_MINUTE);
    entry.timer.unref(); // nobody waits for it
  }

  return {
    begin(spec) {
      const key = keyOf(spec);
      const entry = entries.get(key) ?? { users: 0, idleSinceMs: now(), timer: undefined, waiting: [] };
      entries.set(key, entry);
      clearTimeout(entry.timer);
      entry.users++;
      let isOver = false;
      return () => {
        if (!isOver) end(spec, entry);
        isOver = true;
      };
    },
    of(spec) {
      const entry = entries.get(keyOf(spec));
      if (entry === undefined) return { users: 0, idleMs: 0 };
      return { users: entry.users, idleMs: 0 < entry.users ? 0 : now() - entry.idleSinceMs };
    },
    unused(spec) {
      const entry = entries.get(keyOf(spec));
      if (entry === undefined || entry.users === 0) return Promise.resolve();
      return new Promise((resolve) => void entry.waiting.push(resolve));
    },
    isBusy: () => [...entries.values()].some((it) => 0 < it.users),
    forget(spec) {
      const entry = entries.get(keyOf(spec));
      // One that is in use goes on counting: its users are still there, and so is what they end.
      if (entry === undefined || 0 < entry.users) return;
      clearTimeout(entry.timer);
      entries.delete(keyOf(spec));
    },
    dispose() {
      for (const { timer } of entries.values()) clearTimeout(timer);
      entries.clear();
    },
  };
}
