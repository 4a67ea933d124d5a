/** Adapters of llama.cpp: one GGUF file each, LoRA or a control vector. */

import { TillerError } from "../../base/error.js";
import { canDequantize, dequantize } from "../gguf/dequantize.js";
import { openModelFile, type ModelFile, type TensorInfo } from "../gguf/modelFile.js";
import type { AdapterSource } from "./adapter.js";
import { controlVector } from "./controlVector.js";
import { ggufLora } from "./ggufLora.js";
import { unsupported } from "./problems.js";

/** Rejects as the other formats do. */
export async function openGgufAdapter(path: string): Promise<AdapterSource> {
  const file = await openAsAdapter(path);
  try {
    const isVector = file.metadata.text("general.architecture") === "controlvector";
    const { facts, load } = isVector ? controlVector(file, readValues) : ggufLora(file, readValues);
    return { facts, load, close: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

async function openAsAdapter(path: string): Promise<ModelFile> {
  try {
    return await openModelFile(path);
  } catch (error) {
    if (!(error instanceof TillerError) || !error.code.startsWith("model-")) throw error;
    const code = error.code === "model-unsupported" ? "adapter-unsupported" : "adapter-corrupt";
    if (error.code === "model-not-found") throw new TillerError("adapter-not-found", `There is no adapter at ${path}.`);
    throw new TillerError(code, error.message, { cause: error });
  }
}

/** Throws for types that are not read here, and for values that are no numbers. */
function readValues(file: ModelFile, tensor: TensorInfo): Float32Array {
  if (!canDequantize(tensor.type.name))
    throw unsupported(file.path, `holds "${tensor.name}" as ${tensor.type.name}, which is not read here`);
  const values = dequantize(tensor.type.name, file.read(tensor), tensor.elementCount);
  if (Number.isFinite(values.reduce((sum, it) => sum + it, 0))) return values;
  throw new TillerError(
    "adapter-corrupt",
    `${file.path}: tensor "${tensor.name}" holds values that are no finite numbers.`,
  );
}
