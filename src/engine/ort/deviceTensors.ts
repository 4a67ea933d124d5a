/**
 * Tensors that a session made on a device and that several caches hold. Each is disposed when the last holder lets go: its
 * memory is not the garbage collector's. A session goes when none of its tensors is left, because a tensor that outlives the
 * session that made it takes the process with it.
 */

import type { InferenceSession, Tensor } from "onnxruntime-node";

import { TillerError } from "../../base/error.js";

export interface DeviceTensors {
  /** Works with a session, which stays until the work has ended. Rejects with `usage` for one that was let go. */
  use<T>(session: InferenceSession, work: () => Promise<T>): Promise<T>;
  /** The tensors by their names, held once by whoever calls; to be called in `use`. */
  keep(session: InferenceSession, tensors: Readonly<Record<string, Tensor>>): KeptTensors;
  /** The session makes no more from now on, and is released as soon as none of its tensors is held. */
  release(session: InferenceSession): Promise<void>;
  /** Sets of tensors that are held by somebody. */
  readonly held: number;
}

export interface KeptTensors {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** One more holder. */
  hold(): KeptTensors;
  letGo(): void;
}

export function createDeviceTensors(): DeviceTensors {
  /** Sets of tensors that each session has out, and runs that are at work on it. */
  const out = new Map<InferenceSession, number>();
  const leaving = new Set<InferenceSession>();
  /** Sessions that are gone, to be known again when a call in flight comes with one. */
  const gone = new WeakSet<InferenceSession>();
  let held = 0;

  function take(session: InferenceSession): void {
    out.set(session, (out.get(session) ?? 0) + 1);
  }

  function giveBack(session: InferenceSession): void {
    out.set(session, out.get(session)! - 1);
    void releaseUnused(session);
  }

  async function releaseUnused(session: InferenceSession): Promise<void> {
    if (!leaving.has(session) || 0 < (out.get(session) ?? 0)) return;
    leaving.delete(session);
    out.delete(session);
    await session.release();
  }

  return {
    async use(session, work) {
      if (gone.has(session))
        throw new TillerError("usage", "The model was unloaded while it was at work. Run the prompt again.");
      take(session);
      try {
        return await work();
      } finally {
        giveBack(session);
      }
    },
    keep(session, tensors) {
      take(session);
      held++;
      let holders = 1;
      const kept: KeptTensors = {
        tensors,
        hold() {
          if (holders === 0) throw new Error("tensors that were disposed cannot be held");
          holders++;
          return kept;
        },
        letGo() {
          if (holders === 0) throw new Error("tensors were let go more often than they were held");
          if (0 < --holders) return;
          // The keys and values of an empty cache may be one tensor under several names.
          for (const it of new Set(Object.values(tensors))) it.dispose();
          held--;
          giveBack(session);
        },
      };
      return kept;
    },
    release(session) {
      leaving.add(session);
      gone.add(session);
      return releaseUnused(session);
    },
    get held() {
      return held;
    },
  };
}
