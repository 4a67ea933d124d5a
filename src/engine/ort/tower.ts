/** The session of a vision part: tiles in, vectors of the text model out (vision/towerGraph.ts). */

import { Tensor } from "onnxruntime-node";

import type { OnnxModel } from "../onnx/graphBuilder.js";
import { createSession, type SessionOptions } from "./session.js";

export interface Tower {
  /** `pixels` [3, tileSize, tileSize] of one tile; gives its vectors [tileTokens, outputSize]. Blocks the thread while it runs. */
  encode(pixels: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export async function createTower(graph: OnnxModel, tileSize: number, options: SessionOptions): Promise<Tower> {
  const session = await createSession(graph, options);
  return {
    async encode(pixels) {
      const { vectors } = await session.run({ pixels: new Tensor("float32", pixels, [1, 3, tileSize, tileSize]) });
      return vectors!.data as Float32Array;
    },
    dispose: () => session.release(),
  };
}
