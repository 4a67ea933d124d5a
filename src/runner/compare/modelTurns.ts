/**
 * Models of a comparison take turns. One that is done is unloaded unless it is needed again; where the next one does not fit
 * beside what is still loaded, all others make room, also the one that others work with: it is loaded again when it is used.
 */

import { TillerError } from "../../base/error.js";
import type { Engine, ModelSpec } from "../../protocol/engine.js";
import { modelKey } from "../../protocol/modelKey.js";

export interface ModelTurns {
  /** Unloads all others; false where there was nothing to unload, so that trying again is in vain. */
  makeRoom(model: ModelSpec): Promise<boolean>;
  /** The model's turn is over. */
  end(model: ModelSpec): Promise<void>;
  /** No further turn is taken, of whatever was planned. */
  endAll(): Promise<void>;
}

/** `own`: stays loaded behind its turn, for whoever works with it. `turns`: the models in the order of their turns. */
export function createModelTurns(
  engine: Pick<Engine, "unload">,
  own: ModelSpec,
  turns: readonly ModelSpec[],
): ModelTurns {
  const keys = turns.map(modelKey);
  const others = new Map([own, ...turns].map((it) => [modelKey(it), it]));
  const isOwn = (key: string): boolean => key === modelKey(own);
  let ended = 0;
  const unload = async (model: ModelSpec): Promise<boolean> => {
    try {
      return await engine.unload({ model }, () => undefined, new AbortController().signal);
    } catch (error) {
      // It could not be loaded either; who asks it is told why.
      if (!(error instanceof TillerError)) throw error;
      return false;
    }
  };
  return {
    async makeRoom(model) {
      let isFreed = false;
      for (const [key, it] of others) if (key !== modelKey(model) && (await unload(it))) isFreed = true;
      return isFreed;
    },
    async end(model) {
      const key = modelKey(model);
      const index = keys.indexOf(key, ended);
      if (0 <= index) ended = index + 1;
      if (!isOwn(key) && !keys.includes(key, ended)) await unload(model);
    },
    async endAll() {
      const left = new Set(keys.slice(ended));
      ended = keys.length;
      for (const [key, it] of others) if (left.has(key) && !isOwn(key)) await unload(it);
    },
  };
}
