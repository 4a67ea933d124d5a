/** The options that say which model runs and how, for every command that runs one. */

import { resolve } from "node:path";

import { TillerError } from "../base/error.js";
import { devices } from "../protocol/device.js";
import type { ModelSpec, SamplingOptions } from "../protocol/engine.js";
import type { OptionSpecs, OptionValues } from "./optionSpec.js";
import { didYouMean } from "./didYouMean.js";
import { parsedAttention } from "./attentionOptions.js";
import { resolveModel } from "./modelFiles.js";
import type { Terminal } from "./terminal.js";

export const modelOptions = {
  model: {
    type: "string",
    short: "m",
    value: "MODEL",
    help: "A GGUF file, a folder in the ONNX layout, or a name from tiller models list. Default: the embedded model.",
  },
  projector: {
    type: "string",
    value: "FILE",
    help: "The model's vision part (an mmproj file), for pictures. Default: the one beside the model.",
  },
  precision: {
    type: "string",
    value: "fast|exact",
    help: "fast (default) rounds activations to 8 bits; exact computes in 32 bits.",
  },
  threads: { type: "string", value: "N", help: "Processor threads. Default: one for each core, at most 8." },
  context: {
    type: "string",
    value: "N",
    help: "Tokens to reserve memory for, prompt and answer together. Default: at most 8192.",
  },
  device: {
    type: "string",
    value: "auto|cpu|webgpu|dml|coreml|cuda",
    help: "Where the model is computed. What cannot be had is computed on the CPU, and the reason is said.",
  },
  "sliding-window": {
    type: "boolean",
    help: "Attend only to the window that files of Mistral and Phi 3 may name. Default: to everything.",
  },
  "ignore-memory": { type: "boolean", help: "Load a model even if memory will probably not suffice for it." },
  cache: {
    type: "string",
    value: "float32|int8",
    help: "How keys and values are kept: int8 takes a quarter of the memory. Default: float32.",
  },
  "long-attention": {
    type: "string",
    value: "PATTERN",
    help: "What prompts of more than 2,048 tokens see that ask for no pattern themselves, such as streaming:64,1024. Default: dense.",
  },
} as const satisfies OptionSpecs;

export const samplingOptions = {
  seed: { type: "string", value: "N", help: "Same seed, same text." },
  "max-tokens": { type: "string", value: "N", help: "Write at most so many tokens (in each hole)." },
  set: {
    type: "string",
    multiple: true,
    value: "KEY=VALUE",
    help: "A sampling setting, such as temperature=0.7, topK=40, topP=0.9, minP=0.05, repetitionPenalty=1.1. Repeatable.",
  },
  "prompt-lookup": {
    type: "boolean",
    help: "Guess what comes next from what stood there before: faster where the answer repeats the prompt or itself.",
  },
} as const satisfies OptionSpecs;

export function modelSpec(terminal: Terminal, options: OptionValues<typeof modelOptions>): ModelSpec {
  const { precision } = options;
  if (precision !== undefined && precision !== "fast" && precision !== "exact") {
    throw new TillerError("usage", `--precision is fast or exact, not "${precision}".`);
  }
  const device = devices.find((it) => it === options.device);
  if (options.device !== undefined && device === undefined)
    throw new TillerError("usage", `--device is one of ${devices.join(", ")}, not "${options.device}".`);
  const { cache, "long-attention": longAttention } = options;
  if (cache !== undefined && cache !== "float32" && cache !== "int8") {
    throw new TillerError("usage", `--cache is float32 or int8, not "${cache}".`);
  }
  const threads = wholeNumber("--threads", options.threads, 1, 256);
  const contextTokens = wholeNumber("--context", options.context, 1);
  return {
    path: resolveModel(terminal, options.model),
    ...(options.projector !== undefined && { projector: resolve(terminal.cwd, options.projector) }),
    ...(precision !== undefined && { precision }),
    ...(threads !== undefined && { threads }),
    ...(contextTokens !== undefined && { contextTokens }),
    ...(device !== undefined && { device }),
    ...(options["sliding-window"] && { slidingWindow: true }),
    ...(options["ignore-memory"] && { ignoreMemory: true }),
    ...(cache !== undefined && { cache }),
    ...(longAttention !== undefined && { attention: parsedAttention("--long-attention", longAttention) }),
  };
}

const samplingKeys = [
  "temperature",
  "topK",
  "topP",
  "minP",
  "typicalP",
  "repetitionPenalty",
  "frequencyPenalty",
  "presencePenalty",
  "penaltyWindow",
  "noRepeatNgram",
  "seed",
] as const satisfies readonly (keyof SamplingOptions)[];

export interface Sampling {
  /** Only what was given: the rest is the file's, or the engine's default. */
  readonly sampling: SamplingOptions;
  readonly maxTokens?: number;
  readonly promptLookup?: boolean;
}

export function samplingOf(options: OptionValues<typeof samplingOptions>): Sampling {
  const sampling: Partial<Record<(typeof samplingKeys)[number], number>> = {};
  for (const setting of options.set) {
    const [key = "", value] = setting.split(/=(.*)/s);
    const known = samplingKeys.find((it) => it === key);
    if (known === undefined) {
      const list = samplingKeys.join(", ");
      throw new TillerError("usage", `--set knows no "${key}".${didYouMean(key, samplingKeys)} It knows ${list}.`);
    }
    const number = value === undefined || value.trim() === "" ? NaN : Number(value);
    if (!Number.isFinite(number)) throw new TillerError("usage", `--set ${known} needs a number, as in ${known}=0.5.`);
    sampling[known] = number;
  }
  const seed = wholeNumber("--seed", options.seed, 0);
  const maxTokens = wholeNumber("--max-tokens", options["max-tokens"], 1);
  return {
    sampling: { ...sampling, ...(seed !== undefined && { seed }) },
    ...(maxTokens !== undefined && { maxTokens }),
    ...(options["prompt-lookup"] && { promptLookup: true }),
  };
}

export function wholeNumber(
  option: string,
  value: string | undefined,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && least <= number && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  throw new TillerError("usage", `${option} is a whole number, ${range}, not "${value}".`);
}
