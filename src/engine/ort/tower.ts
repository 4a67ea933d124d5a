/** The sessions of a vision part: a tile in, vectors of the text model out (vision/towerGraph.ts). */

import { Tensor, type InferenceSession } from "onnxruntime-node";

import type { TowerStage } from "../vision/towerGraph.js";
import { createSession } from "./session.js";

export interface Tower {
  /**
   * `pixels` [3, tileSize, tileSize] of one tile; gives its vectors [tileTokens, outputSize]. The event loop has a turn between two
   * stages, and where the signal was aborted then, the promise rejects with its reason.
   */
  encode(pixels: Float32Array, signal: AbortSignal): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export interface TowerOptions {
  /** Threads of one operator. */
  readonly threads: number;
}

/** Takes the stages one by one and uses them up. */
export async function createTower(stages: Iterable<TowerStage>, { threads }: TowerOptions): Promise<Tower> {
  const sessions: { readonly session: InferenceSession; readonly given: readonly number[] }[] = [];
  const dispose = async () => {
    for (const { session } of sessions.splice(0)) await session.release();
  };
  try {
    for (const stage of stages) {
      // Each session would keep the memory that it has computed in, and they run one after the other.
      const session = await createSession(stage, { threads, keepsMemory: false });
      sessions.push({ session, given: stage.given });
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    async encode(pixels, signal) {
      let values = pixels;
      for (const { session, given } of [...sessions]) {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        const { made } = await session.run({ given: new Tensor("float32", values, given) });
        values = made!.data as Float32Array;
      }
      return values;
    },
    dispose,
  };
}
