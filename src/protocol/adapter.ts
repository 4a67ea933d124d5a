/** Adapters as they cross a process: which ones a request uses, and what is known of a file. Plain data. */

/** What a request adds to its model. Several adapters add up. */
export interface Adaptation {
  readonly adapters?: readonly AdapterUse[];
  /** Chooses among further LoRA adapters, token by token. */
  readonly routing?: AdapterRouting;
}

export interface AdapterUse {
  /** Absolute path of a PEFT or AdapterHub folder, or of a llama.cpp adapter file (GGUF). */
  readonly path: string;
  /** How much of its effect is added; 1 is all of it (the default), negative values turn it round. */
  readonly scale?: number;
  /** Of a control vector: the first and the last layer that are steered, from 0; default all that it has a direction for. */
  readonly layers?: readonly [number, number];
  /** Of the file with its weights, in hexadecimal digits: another file is refused. */
  readonly sha256?: string;
}

/** Arrow (arXiv 2405.11157): each layer weighs the experts by what it reads. */
export interface AdapterRouting {
  /** Paths of LoRA adapters, as above. */
  readonly experts: readonly string[];
  /** Experts that work on one token; default 2. */
  readonly topK?: number;
  /** Above 1 the chosen ones share more evenly; default 1. */
  readonly temperature?: number;
}

export type AdapterForm = "lora" | "dora" | "ia3" | "prompt-tuning" | "prefix-tuning" | "bottleneck" | "control-vector";

/** What the head of an adapter's files says. */
export interface AdapterFacts {
  readonly path: string;
  /** The file with its weights. */
  readonly weights: string;
  /** The folder's name, or the file's without its endings. */
  readonly name: string;
  readonly form: AdapterForm;
  /** `peft` and `adapterhub` are folders of safetensors, `gguf` is a file of llama.cpp. */
  readonly format: "peft" | "adapterhub" | "gguf";
  /** The model that it was trained on, as its maker wrote it. */
  readonly baseModel?: string;
  /** The largest rank, or the width of a bottleneck. */
  readonly rank?: number;
  readonly alpha?: number;
  /** Positions that it puts in front of a prompt. */
  readonly virtualTokens?: number;
  /** Which linear layers it changes, by their names in the file. */
  readonly modules: readonly string[];
  /** How many layers of the model it changes. */
  readonly layers: number;
  readonly parameterCount: number;
  readonly sizeBytes: number;
  /** The first paragraph of the README beside it. */
  readonly description?: string;
}

/** A file or folder that looks like an adapter and cannot be used. */
export interface BrokenAdapter {
  readonly path: string;
  readonly name: string;
  /** Why, and what to do. */
  readonly problem: string;
}

export interface ListAdaptersRequest {
  /** Absolute path of an adapter, or of a folder whose entries are adapters. */
  readonly path: string;
}

/** What lies in a folder. */
export interface FoundAdapters {
  readonly adapters: readonly AdapterFacts[];
  readonly broken: readonly BrokenAdapter[];
}

export interface AdapterList extends FoundAdapters {
  /** Paths of those that are in memory, of whatever folder. */
  readonly loaded: readonly string[];
}
