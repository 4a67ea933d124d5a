/** Models that a variant can name: that of the settings first, then those that lie in the usual folders. */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { isVisionName, modelName } from "../../base/modelName.js";
import type { Choice } from "../../protocol/compareView.js";

/** `model` is the path in the settings. A folder that is not there holds none. */
export function modelChoices(model: string, folders: readonly string[]): readonly Choice[] {
  const found = folders.flatMap(modelsIn).filter((it) => it !== model);
  return [
    { value: "", label: `${modelName(model)} (settings)` },
    ...[...new Set(found)].map((it) => ({ value: it, label: modelName(it) })),
  ];
}

function modelsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((it) => (/\.gguf$/i.test(it) ? !isVisionName(it) : isOnnxFolder(join(folder, it))))
      .sort()
      .map((it) => join(folder, it));
  } catch {
    return [];
  }
}

/** A model in the ONNX layout. */
function isOnnxFolder(path: string): boolean {
  return existsSync(join(path, "config.json")) && existsSync(join(path, "onnx"));
}
