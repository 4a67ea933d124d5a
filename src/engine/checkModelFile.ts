/** Whether a file that has just come is a model. Loads no native code. */

import { TillerError } from "../base/error.js";
import { openFileAlone } from "./gguf/modelFile.js";

/** Throws `model-corrupt` for a file that is none, nor a part of one. One that a newer Tiller may run is whole all the same. */
export async function checkModelFile(path: string): Promise<void> {
  try {
    (await openFileAlone(path)).close();
  } catch (error) {
    if (error instanceof TillerError && error.code === "model-unsupported") return;
    throw error;
  }
}
