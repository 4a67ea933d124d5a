/**
 * `@huggingface/transformers`, where the user has installed it. It comes neither with Tiller nor does Tiller get it: with its
 * runtimes it is 470 MB. Only what is used of it is described here.
 */

import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { messageOf, TillerError } from "../../base/error.js";

export interface Transformers {
  readonly env: TransformersEnvironment;
  readonly AutoModelForCausalLM: {
    from_pretrained(path: string, options: Readonly<Record<string, unknown>>): Promise<CausalModel>;
  };
  readonly Tensor: new (type: string, data: TensorData, dims: readonly number[]) => TransformersTensor;
  readonly DynamicCache: new (tensors: Readonly<Record<string, TransformersTensor>>) => object;
}

interface TransformersEnvironment {
  readonly version: string;
  allowRemoteModels: boolean;
  allowLocalModels: boolean;
  useFSCache: boolean;
  useBrowserCache: boolean;
  useWasmCache: boolean;
  logLevel: number;
  fetch: () => Promise<never>;
}

export interface CausalModel {
  readonly sessions: Readonly<Record<string, { readonly inputNames: readonly string[] }>>;
  forward(inputs: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, TransformersTensor>>>;
  dispose(): Promise<unknown>;
}

export interface TransformersTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export type TensorData = Float32Array | Uint16Array | BigInt64Array;

const NAME = "@huggingface/transformers";
/** The first whose caches are classes; earlier ones were not tried. */
const FIRST_MAJOR = 4;
const SILENT = 50;

/**
 * Looks beside Tiller, then in `.tiller` at home, or only in the folder that TILLER_TRANSFORMERS names. Rejects with
 * `model-unsupported` and what to do where it is not, cannot be loaded or is too old.
 */
export function loadTransformers(): Transformers {
  const loaded = found();
  const { env } = loaded;
  if (Number.parseInt(env.version, 10) < FIRST_MAJOR) {
    const message = `${NAME} ${env.version} is too old: version ${FIRST_MAJOR} or later is needed. ${howToInstall()}`;
    throw new TillerError("model-unsupported", message);
  }
  // Nothing is ever got from the network: neither models, nor by way of a cache, nor by accident.
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.useFSCache = false;
  env.useBrowserCache = false;
  env.useWasmCache = false;
  env.fetch = () => Promise.reject(new Error("Tiller lets transformers.js load only what is on this machine"));
  env.logLevel = SILENT;
  return loaded;
}

function found(): Transformers {
  const named = process.env["TILLER_TRANSFORMERS"];
  const places = named === undefined ? [dirname(fileURLToPath(import.meta.url)), homeFolder()] : [named];
  for (const place of places) {
    const ask = createRequire(join(place, "any.js"));
    const path = resolved(ask);
    if (path === undefined) continue;
    try {
      return ask(path) as Transformers;
    } catch (error) {
      const reason = messageOf(error);
      const message = `${path} is there and cannot be loaded: ${reason}. ${howToInstall()}`;
      throw new TillerError("model-unsupported", message, { cause: error });
    }
  }
  const message = `Folders in the ONNX layout are run by ${NAME}, which is not installed. ${howToInstall()}`;
  throw new TillerError("model-unsupported", message);
}

function resolved(ask: NodeJS.Require): string | undefined {
  try {
    return ask.resolve(NAME);
  } catch {
    return undefined; // it is not there
  }
}

function homeFolder(): string {
  return join(homedir(), ".tiller");
}

function howToInstall(): string {
  return `To install it, run: npm install --prefix "${homeFolder()}" ${NAME}. A GGUF file of the model needs nothing more.`;
}
