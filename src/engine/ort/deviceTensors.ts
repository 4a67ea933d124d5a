/**
 * Tensors that a session made on a device and that several caches hold. Each is disposed when the last holder lets go: its
 * memory is not the garbage collector's. A session goes when none of its tensors is left, because a tensor that outlives the
 * session that made it takes the process with it.
 */

import type { InferenceSession, Tensor } from "onnxruntime-node";

import { TillerError } from "../../base/error.js";

export interface DeviceTensors {
  /** The tensors by their names, held once by whoever calls. */
  keep(session: InferenceSession, tensors: Readonly<Record<string, Tensor>>): KeptTensors;
  /** Lets the session make no more; it is released as soon as none of its tensors is held. Runs on it fail from now on. */
  release(session: InferenceSession): Promise<void>;
  /** Throws `usage` for a session that was let go. */
  check(session: InferenceSession): void;
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
  /** How many sets each session has out. */
  const out = new Map<InferenceSession, number>();
  const leaving = new Set<InferenceSession>();
  /** Sessions that are gone, to be known again when a call in flight comes with one. */
  const gone = new WeakSet<InferenceSession>();
  const count = (session: InferenceSession) => out.get(session) ?? 0;

  async function releaseUnused(session: InferenceSession): Promise<void> {
    if (!leaving.has(session) || 0 < count(session)) return;
    leaving.delete(session);
    out.delete(session);
    await session.release();
  }

  return {
    keep(session, tensors) {
      out.set(session, count(session) + 1);
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
          out.set(session, count(session) - 1);
          void releaseUnused(session);
        },
      };
      return kept;
    },
    release(session) {
      leaving.add(session);
      gone.add(session);
      return releaseUnused(session);
    },
    check(session) {
      if (gone.has(session))
        throw new TillerError("usage", "The model was unloaded while it was at work. Run the prompt again.");
    },
    get held() {
      return [...out.values()].reduce((sum, it) => sum + it, 0);
    },
  };
}
