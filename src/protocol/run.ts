/** Running a `.prompt` file: what is asked, what is told on the way, what comes back. */

import type { Json, JsonObject } from "../base/json.js";
import type { Adaptation } from "./adapter.js";
import type { Attention } from "./attention.js";
import type { Candidate, PresetCheck } from "./guide.js";
import type {
  ChatMessage,
  GenerateResult,
  LoadEvent,
  LookedAt,
  ModelSpec,
  OnEvent,
  OptionScore,
  SamplingOptions,
  TokenEvent,
  Usage,
} from "./engine.js";

/** Runs prompts; implemented in process by `runner` and across processes by `client`. */
export interface PromptRunner {
  run(request: RunRequest, onEvent: OnEvent<RunEvent>, signal: AbortSignal): Promise<RunResult>;
  /** The adapters that a prompt names, found on disk. Throws `adapter-not-found`. */
  adaptation(request: AdaptationRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<Adaptation>;
}

/** Where the adapters of a prompt may come from. */
export interface AdapterPlaces {
  /** Absolute paths of folders where adapters are looked for by their names. */
  readonly adapterFolders?: readonly string[];
  /** Absolute paths of folders: adapters outside of them are refused, those of `adapterFolders` too. */
  readonly confinedTo?: readonly string[];
}

export interface AdaptationRequest extends AdapterPlaces {
  /** Of the prompt. */
  readonly path: string;
  readonly text: string;
}

export interface RunRequest extends AdapterPlaces {
  /** Absolute path of the file; partials and files it names are found from its folder. */
  readonly path: string;
  /** The text to run instead of what is on disk (an unsaved editor). */
  readonly text?: string;
  /** Values of the input variables; what is missing comes from the file's defaults. */
  readonly input?: JsonObject;
  readonly model: ModelSpec;
  /** Overrides of the file's own `config`. */
  readonly sampling?: SamplingOptions;
  /** Upper limit of tokens for each hole. */
  readonly maxTokens?: number;
  /** Adapters beside those of the file; one of the file's own gets another scale (0 leaves it out). */
  readonly adapters?: readonly AdapterChoice[];
  /** Keys of `tiller.guide` that stand over the file's own; null takes one away. */
  readonly guide?: JsonObject;
  /** Likeliest alternatives told of each token; default 0, and then no token is told. */
  readonly top?: number;
  /** This hole begins with these tokens; see `GenerateRequest.begin`. */
  readonly begin?: { readonly hole: string; readonly ids: readonly number[] };
  /** In place of the file's own. */
  readonly attention?: Attention;
  /** As in `GenerateRequest`, in place of the file's own. */
  readonly promptLookup?: boolean;
}

export interface AdapterChoice {
  /** As in the file, or a path from the prompt's folder. */
  readonly name: string;
  readonly scale?: number;
}

export type RunEvent =
  | LoadEvent
  /** The request as it stands before the first hole is filled. */
  | { readonly type: "rendered"; readonly messages: readonly ChatMessage[] }
  /** What follows is written into this hole. `hidden`: it is not part of what people are shown (default false). */
  | { readonly type: "hole"; readonly name: string; readonly hidden?: boolean }
  | {
      readonly type: "prefill";
      readonly name: string;
      readonly done: number;
      readonly total: number;
      readonly cached: number;
      readonly tiles?: LookedAt;
    }
  | { readonly type: "text"; readonly name: string; readonly text: string }
  /** Told when `top` is above 0. */
  | (TokenEvent & { readonly name: string })
  /** With `bestOf`: the text of the hole is written this many times, and told when one was chosen. */
  | { readonly type: "candidate"; readonly name: string; readonly number: number; readonly of: number }
  /** With `level: check`: a text failed, and is written anew. Text of such holes is told when it has passed. */
  | { readonly type: "failed"; readonly name: string; readonly attempt: number; readonly problem: string }
  | { readonly type: "filled"; readonly hole: FilledHole };

export interface FilledHole {
  readonly name: string;
  /** What was written, as it stands in the conversation. */
  readonly text: string;
  /** The same, typed by the hole's constraint or the output schema. */
  readonly value: Json;
  readonly hidden: boolean;
  readonly finish: GenerateResult["finish"];
  readonly usage: Usage;
  /** Asked for with `scores`. */
  readonly scores?: readonly OptionScore[];
  /** With `level: check`: how often it was written, and what is wrong with the text that was kept nevertheless. */
  readonly check?: { readonly attempts: number; readonly problem?: string };
  /** Of free text under a guide: what was asked for, and what was found. */
  readonly presets?: readonly PresetCheck[];
  /** With `bestOf`: the texts that it was chosen from, in the order in which they were written. */
  readonly candidates?: readonly Candidate[];
}

export interface RunResult {
  /** The whole conversation, holes filled. */
  readonly messages: readonly ChatMessage[];
  readonly holes: readonly FilledHole[];
  /** The value of the only hole, or an object of all that are not hidden, by name. */
  readonly output: Json;
  readonly finish: GenerateResult["finish"];
}
