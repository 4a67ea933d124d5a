/** What all of PEFT's forms say of themselves alike. */

import { basename, dirname } from "node:path";

import type { AdapterFacts, AdapterForm } from "../../protocol/adapter.js";
import type { SafetensorsFile } from "../safetensors/safetensorsFile.js";
import { textOf, type Config } from "./config.js";

export function peftFacts(config: Config, file: SafetensorsFile, form: AdapterForm): AdapterFacts {
  const folder = dirname(config.path);
  const baseModel = textOf(config, "base_model_name_or_path");
  return {
    path: folder,
    weights: file.path,
    name: basename(folder),
    form,
    format: "peft",
    ...(baseModel !== undefined && { baseModel }),
    modules: [],
    layers: 0,
    parameterCount: [...file.tensors.values()].reduce((sum, it) => sum + it.elementCount, 0),
    sizeBytes: file.sizeBytes,
  };
}
