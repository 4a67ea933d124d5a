/** Adapters against a model's file, without a session: for commands that read and write them. */

import { openAdapter } from "../engine/adapters/openAdapter.js";
import { modelForAdapters } from "../engine/adapters/modelForAdapters.js";
import type { AdaptedModel, Adapter } from "../engine/adapters/adapter.js";
import { readShape } from "../engine/graph/decoderGraph.js";
import { openModelFile } from "../engine/gguf/modelFile.js";

export interface AdapterFiles {
  readonly model: AdaptedModel;
  load(path: string): Promise<Adapter>;
}

/** Rejects with what is wrong with the model or an adapter. */
export async function withAdapterFiles<T>(modelPath: string, work: (files: AdapterFiles) => Promise<T>): Promise<T> {
  const file = await openModelFile(modelPath);
  try {
    const model = modelForAdapters(file, readShape(file));
    const load = async (path: string): Promise<Adapter> => {
      const source = await openAdapter(path);
      try {
        return source.load(model);
      } finally {
        source.close();
      }
    };
    return await work({ model, load });
  } finally {
    file.close();
  }
}
