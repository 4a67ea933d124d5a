/**
 * What the engine can do. The in-process engine and the client of the engine host both implement `Engine`; one contract
 * test runs on both. Everything here is plain data, so that it can cross a process.
 *
 * Every call has the same shape: a request, a listener for its events, a signal. Cancelling `generate` is not an error:
 * its result says `cancelled` and holds the text so far. Other calls reject with the signal's reason.
 */

import type { ErrorCode } from "../base/error.js";
import type { Adaptation, AdapterList, AdapterUse, ListAdaptersRequest } from "./adapter.js";
import type { Attention, AttentionUsage } from "./attention.js";
import type { Device, DeviceChoice } from "./device.js";
import type { ConstraintSpec, Explanation } from "./constraint.js";

export type OnEvent<E> = (event: E) => void;

export interface Engine {
  /** Loads the model, or finds it loaded. Other calls do so too; this one reports progress and what was loaded. */
  load(request: LoadRequest, onEvent: OnEvent<LoadEvent>, signal: AbortSignal): Promise<LoadedModel>;
  /** Frees a model's memory; true if it was loaded. */
  unload(request: LoadRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<boolean>;
  /** Reads the head of a model file; loads no weights. */
  inspect(request: InspectRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<ModelFacts>;
  /** What models there are in folders and in memory; reads the heads of their files. */
  listModels(request: ListModelsRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<ModelList>;
  /** What adapters there are in a folder; reads the heads of their files. */
  listAdapters(request: ListAdaptersRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<AdapterList>;
  /**
   * Which experts work on each token of a prompt, at every place of the model that they change: the adapters of the request's
   * routing, or else the experts of a model that is a mixture of them.
   */
  route(request: RouteRequest, onEvent: OnEvent<LoadEvent>, signal: AbortSignal): Promise<RouteResult>;
  /** The residual stream behind every layer of the model, for each of some prompts. */
  hiddenStates(
    request: HiddenStatesRequest,
    onEvent: OnEvent<HiddenStatesEvent>,
    signal: AbortSignal,
  ): Promise<HiddenStatesResult>;
  tokenize(request: TokenizeRequest, onEvent: OnEvent<LoadEvent>, signal: AbortSignal): Promise<TokenizeResult>;
  generate(request: GenerateRequest, onEvent: OnEvent<GenerateEvent>, signal: AbortSignal): Promise<GenerateResult>;
  /** Writes several texts side by side, which costs little more than one. What is wrong with one leaves the others alone. */
  generateRows(
    request: GenerateRowsRequest,
    onEvent: OnEvent<GenerateRowsEvent>,
    signal: AbortSignal,
  ): Promise<GenerateRowsResult>;
  /** Walks a text through a constraint, token by token; computes nothing with the model. */
  constrain(request: ConstrainRequest, onEvent: OnEvent<LoadEvent>, signal: AbortSignal): Promise<ConstrainResult>;
  score(request: ScoreRequest, onEvent: OnEvent<LoadEvent>, signal: AbortSignal): Promise<ScoreResult>;
}

// ------------------------------------------------------------------------------------------------ models

/** Which model, and how it is to run. Two equal specs are one loaded model. */
export interface ModelSpec {
  /** Absolute path of a GGUF file, or of a folder in the ONNX layout where transformers.js is installed. */
  readonly path: string;
  /** Absolute path of its vision part, a GGUF file too (mmproj); default: the one that lies beside it, where there is one. */
  readonly projector?: string;
  /** `fast` rounds activations to 8 bits (the default); `exact` computes in float32. */
  readonly precision?: Precision;
  /** Positions to reserve memory for, 1 up to what the model was trained for (the default: at most 8192). */
  readonly contextTokens?: number;
  /** Threads of one operator; default: the cores this process may use, at most 8. */
  readonly threads?: number;
  /**
   * How keys and values are kept. `int8` takes a quarter of the memory of `float32` (the default) and reads long texts faster
   * while it writes; bench/results/attention.md says what it costs.
   */
  readonly cache?: CacheType;
  /** What `auto` means for prompts of more than 2,048 tokens; default dense. */
  readonly attention?: Attention;
  /** Default: `auto`. What cannot be had is computed on the CPU, and `LoadedModel` says why. */
  readonly device?: Device;
  /** Honour the window that files of Mistral and Phi 3 may name; by default they attend to everything, as in llama.cpp. */
  readonly slidingWindow?: boolean;
  /** Load it also where memory will not suffice; otherwise that is refused with the numbers. No part of what makes specs equal. */
  readonly ignoreMemory?: boolean;
  /** Its memory is given back when no call has used it for so long; 0 (the default): never. No part of what makes specs equal. */
  readonly unloadAfterMinutes?: number;
}

export type Precision = "fast" | "exact";
export type CacheType = "float32" | "int8";

/** What a model takes, from the head of its file alone. */
export interface MemoryEstimate {
  /** Weights as they are kept while the model runs. */
  readonly weightsBytes: number;
  /** Keys and values of one text that fills the context; taken only as far as texts fill it. */
  readonly cacheBytes: number;
  /** The vocabulary, and room to compute in. */
  readonly workingBytes: number;
  /** The sum: what a loaded model takes. */
  readonly totalBytes: number;
  /** The most that is taken for a moment while the model is loaded, without the cache. */
  readonly loadingBytes: number;
}

/** The adapters are those of the first request: the model is made ready for them, and what is wrong with them is said. */
export interface LoadRequest extends Adaptation {
  readonly model: ModelSpec;
}

export type LoadEvent =
  /** `fraction` from 0 to 1. */
  { readonly type: "loading"; readonly stage: "reading" | "building" | "starting"; readonly fraction: number };

export interface LoadedModel {
  readonly facts: ModelFacts;
  readonly precision: Precision;
  readonly contextTokens: number;
  readonly threads: number;
  /** How the cache of keys and values is kept: appended in place, copied (the fallback), or on the device that computes. */
  readonly cache: "in-place" | "copied" | "device";
  readonly cacheType: CacheType;
  readonly loadMs: number;
  /** Where it is computed, and why not where it was asked for. */
  readonly device: DeviceChoice;
}

export interface InspectRequest {
  readonly path: string;
}

/** What the head of a model file says. */
export interface ModelFacts {
  readonly path: string;
  readonly name: string;
  readonly architecture: string;
  readonly sizeBytes: number;
  readonly parameterCount: number;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabularySize: number;
  /** Positions the model was trained for. */
  readonly contextLength: number;
  /** Tensor types and how many tensors have each, such as `{"Q4_1": 210}`. */
  readonly tensorTypes: Readonly<Record<string, number>>;
  readonly tokenizer: string;
  readonly hasChatTemplate: boolean;
  /** Of a mixture of experts: how many there are in a layer, and how many of them work on a token. */
  readonly experts?: { readonly count: number; readonly used: number };
  /** Of a model that reads pictures: its vision part, the side of a tile in pixels, and the tokens that one takes. */
  readonly vision?: { readonly projector: string; readonly tileSize: number; readonly tileTokens: number };
  /** Undefined when the engine can run the file, else why it cannot. */
  readonly unsupported?: string;
}

/** What decides how much memory a model takes. */
export type RunsAs = Pick<ModelSpec, "precision" | "contextTokens" | "cache">;

export interface ListModelsRequest extends RunsAs {
  /** Absolute paths of folders. One that is not there holds no models. */
  readonly folders: readonly string[];
  /** Single files, listed before those of the folders. One that is not there is left out. */
  readonly files?: readonly string[];
  /** Of models that `FoundModel.name` names: stands over what stands here for all. */
  readonly byName?: Readonly<Record<string, RunsAs>>;
}

export interface ModelList {
  readonly models: readonly FoundModel[];
  readonly loaded: readonly ModelInMemory[];
  /** Bytes that can be taken now, and those that the machine has. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface FoundModel {
  readonly path: string;
  /** The file's name without its ending, or the folder's. */
  readonly name: string;
  readonly facts?: ModelFacts;
  /** Undefined when it cannot be run. */
  readonly memory?: MemoryEstimate;
  /** Why the file cannot be read as a model. */
  readonly problem?: string;
}

export interface ModelInMemory {
  readonly model: ModelSpec;
  readonly state: "loading" | "ready";
  /** Calls that use it now. */
  readonly users: number;
  /** Since the last call ended; 0 while there is one. */
  readonly idleMs: number;
  /** Where it is computed; undefined while it is loaded. */
  readonly device?: DeviceChoice;
  /** What it was estimated to take; undefined when its file is gone. */
  readonly memoryBytes?: number;
}

// ------------------------------------------------------------------------------------------------ prompts

export interface ChatMessage {
  readonly role: string;
  /** Always plain text: nothing in it can become a special token. */
  readonly content: string;
  /** Pictures in the content, in the order of their places. Only models with a vision part read them. */
  readonly images?: readonly MessageImage[];
}

export interface MessageImage {
  /** It stands before the character of the content with this UTF-16 offset; at the content's length, it comes last. */
  readonly at: number;
  readonly source: ImageSource;
}

/** PNG, JPEG or WebP: an absolute path, or the file's bytes in base64. */
export type ImageSource = { readonly path: string } | { readonly base64: string };

export type PromptInput =
  | {
      readonly type: "messages";
      readonly messages: readonly ChatMessage[];
      /** The last message is left open, and the model continues it. Otherwise the model begins an assistant message. */
      readonly continueLast?: boolean;
    }
  /** `parseSpecial`: special tokens spelled in the text become tokens (default false). */
  | { readonly type: "text"; readonly text: string; readonly parseSpecial?: boolean }
  | { readonly type: "ids"; readonly ids: readonly number[] };

export interface TokenizeRequest {
  readonly model: ModelSpec;
  readonly prompt: PromptInput;
  /** With `messages`: end with the head of an assistant message (default true). */
  readonly addGenerationPrompt?: boolean;
}

export interface TokenizeResult {
  readonly ids: readonly number[];
  /** The text of each token; half a character shows as U+FFFD. */
  readonly tokens: readonly string[];
  /** Indices into `ids` of special tokens. */
  readonly special: readonly number[];
  /** The whole text, as the model's template renders it. */
  readonly text: string;
  /** What each picture of the prompt takes, in the order of the prompt; undefined without pictures. */
  readonly images?: readonly ImageTokens[];
}

export interface ImageTokens {
  /** Index into `ids` of its first token: marks around its tiles are counted in. */
  readonly first: number;
  readonly count: number;
  /** Pixels of the file. */
  readonly width: number;
  readonly height: number;
  /** How many pieces of the model's own size it is read as. */
  readonly tiles: number;
}

// ------------------------------------------------------------------------------------------------ generating

/** Applied in this order: bias, penalties, temperature, top-k, top-p, min-p, typical, draw. */
export interface SamplingOptions {
  /** 0 (the default) always takes the likeliest token. */
  readonly temperature?: number;
  /** Keep the k likeliest; 0 (the default) keeps all. */
  readonly topK?: number;
  /** Keep the fewest likeliest tokens whose probabilities reach this sum; 1 (the default) keeps all. */
  readonly topP?: number;
  /** Keep tokens at least this fraction as likely as the likeliest; 0 (the default) keeps all. */
  readonly minP?: number;
  /** Keep the most typical tokens whose probabilities reach this sum; 1 (the default) keeps all. */
  readonly typicalP?: number;
  /** Divides the positive logits of tokens already seen and multiplies the negative ones; 1 (the default) is off. */
  readonly repetitionPenalty?: number;
  /** Subtracted once per earlier occurrence; 0 (the default) is off. */
  readonly frequencyPenalty?: number;
  /** Subtracted once when there is an earlier occurrence; 0 (the default) is off. */
  readonly presencePenalty?: number;
  /** How many of the last tokens (prompt included) the penalties look at; default 256. */
  readonly penaltyWindow?: number;
  /** No sequence of this many tokens is written twice; 0 (the default) is off. */
  readonly noRepeatNgram?: number;
  /** Token id to what is added to its logit. */
  readonly logitBias?: Readonly<Record<number, number>>;
  /** Same seed, same text; default 0. */
  readonly seed?: number;
}

export interface GenerateRequest extends Adaptation {
  readonly model: ModelSpec;
  readonly prompt: PromptInput;
  /** Default: what is left of the context; with endless attention, as many as the context holds. */
  readonly maxTokens?: number;
  readonly sampling?: SamplingOptions;
  /** Writing ends before the first of these texts, across token borders; they are not part of the result. */
  readonly stop?: readonly string[];
  readonly constraint?: ConstraintSpec;
  /**
   * Set: the constraint is a wish. What it does not allow is not forbidden; so much is subtracted from its logits, and once
   * the text has left the constraint nothing is subtracted any more.
   */
  readonly prefer?: number;
  /** The text does not end before it has so many tokens. Throws `constraint-invalid` where a constraint ends it before. */
  readonly minTokens?: number;
  /**
   * Token healing: the end of an open prompt may be cut into other tokens together with what is written (default false). The
   * result is still what stands behind the prompt; `begin` and `ids` have the tokens that write the prompt's end again, and
   * the limits of tokens do not count them.
   */
  readonly heal?: boolean;
  /** The end of an open prompt that is a beginning of what the constraint holds for (default: none of it). */
  readonly written?: string;
  /** With a choice: its options are compared as wholes, and their probabilities are part of the result. */
  readonly scores?: boolean;
  /** Default: none. */
  readonly guidance?: Guidance;
  /**
   * Texts that are to be written more often or less: what is added to the logits of the tokens that write them, in nats, from
   * -100 to 100. At the beginning of a word they may be written with a space or a capital letter.
   */
  readonly wordBias?: Readonly<Record<string, number>>;
  /** Tokens that are written before the model is asked: to go on from another one than it chose. Part of the result. */
  readonly begin?: readonly number[];
  /** Likeliest alternatives reported with each token; default 0. */
  readonly top?: number;
  /** Default `auto`. */
  readonly attention?: Attention;
  /**
   * Guess what comes next from what stood behind the same tokens before, and read the guesses in one step (default false).
   * Faster where a text repeats its prompt or itself; what is written is the same, but for the rounding of `fast`. Without
   * effect under guidance that reads twice, with attention that forgets, and among rows of a batch.
   */
  readonly promptLookup?: boolean;
}

/**
 * How several readings of one text are combined; each costs a reading of every token. Whatever it is, strength 0 of the last
 * two and 1 of the first are the model itself, and nothing further is read.
 */
export type Guidance = ClassifierFreeGuidance | ContrastiveGuidance | ExpertGuidance;

/** Away from what the model would write without what is emphasised (arXiv 2306.17806; of a context: arXiv 2305.14739). */
export interface ClassifierFreeGuidance {
  readonly kind: "classifier-free";
  /** The prompt without what is to be emphasised, or a prompt for what is not wanted. It ends as the prompt does. */
  readonly otherwise: PromptInput;
  /** From 0 (as the other prompt alone) over 1 (no guidance) to 100. Useful up to about 3. */
  readonly strength: number;
  /** Tokens less likely in the prompt itself than this part of its likeliest are not chosen; 0 (the default) keeps all. */
  readonly plausibility?: number;
}

/** Away from what a weaker model would write too (arXiv 2210.15097). */
export interface ContrastiveGuidance {
  readonly kind: "contrastive";
  /** Another model with the same tokens, or this one as it is behind its first `layers` layers (arXiv 2309.03883). */
  readonly amateur: { readonly model: ModelSpec } | { readonly layers: number };
  /** How much of the amateur's log-probabilities is taken off: 0 (nothing) to 2; the paper's is 1, the default. */
  readonly strength?: number;
  /** As above; default 0.1. */
  readonly plausibility?: number;
}

/** Towards a model with adapters, away from one with others (DExperts, arXiv 2105.03023). One of both may be left out. */
export interface ExpertGuidance {
  readonly kind: "experts";
  /** Beside the request's own adapters. */
  readonly expert?: readonly AdapterUse[];
  readonly antiExpert?: readonly AdapterUse[];
  /** From 0 (nothing) to 100. */
  readonly strength: number;
}

export type GenerateEvent =
  | LoadEvent
  /** Prompt tokens read so far; `cached` were known from an earlier request. */
  | {
      readonly type: "prefill";
      readonly done: number;
      readonly total: number;
      readonly cached: number;
      readonly tiles?: LookedAt;
    }
  /** Text that is certain: never half a character, never the beginning of a stop text. */
  | { readonly type: "text"; readonly text: string }
  /** Sent only when `top` is above 0. */
  | TokenEvent;

/** Of the pieces of a prompt's pictures, those that the model has looked at; told before its tokens are read. */
export interface LookedAt {
  readonly done: number;
  readonly total: number;
}

/** A token that was written. */
export interface TokenEvent {
  readonly type: "token";
  /** Its probability is undefined when the model was not asked: the token could not be another, or was given. */
  readonly token: ScoredToken | UnscoredToken;
  /** The likeliest in its place, best first; empty when the model was not asked. */
  readonly top: readonly Alternative[];
  /** Under guidance: without it, another token would have been the likeliest. */
  readonly changed?: boolean;
}

export interface UnscoredToken {
  readonly id: number;
  readonly token: string;
  readonly logprob?: undefined;
  readonly unguided?: undefined;
}

export interface Alternative extends ScoredToken {
  /** The constraint did not allow it. */
  readonly removed: boolean;
}

export interface ScoredToken {
  readonly id: number;
  readonly token: string;
  /** Natural logarithm of the model's own probability, under guidance and before sampling. */
  readonly logprob: number;
  /** The same without guidance; set when there is any. */
  readonly unguided?: number;
}

export interface GenerateResult {
  readonly text: string;
  readonly ids: readonly number[];
  /** `stop`: the model or a stop text ended it, or the constraint is complete; `length`: tokens or context ran out. */
  readonly finish: "stop" | "length" | "cancelled";
  readonly usage: Usage;
  /** Asked for with `scores`: in the order of the options, and together 1. */
  readonly scores?: readonly OptionScore[];
}

export interface GenerateRowsRequest {
  readonly model: ModelSpec;
  /** Each with adapters, sampling, constraint and limits of its own. */
  readonly rows: readonly Omit<GenerateRequest, "model">[];
}

export type GenerateRowsEvent =
  | LoadEvent
  /** Of the row with this index. */
  | { readonly type: "row"; readonly row: number; readonly event: Exclude<GenerateEvent, LoadEvent> }
  /** It writes no more; the others go on without it. */
  | { readonly type: "ended"; readonly row: number; readonly result: RowResult };

export interface GenerateRowsResult {
  /** In the order of the request. */
  readonly rows: readonly RowResult[];
}

export type RowResult =
  /** `together`: as how many rows it was written; 1 for what no batch can hold. */
  | { readonly status: "done"; readonly result: GenerateResult; readonly together: number }
  | { readonly status: "failed"; readonly code: ErrorCode; readonly message: string };

export interface OptionScore {
  readonly option: string;
  readonly probability: number;
}

export interface Usage {
  readonly promptTokens: number;
  /** Of the prompt tokens, those found in the prefix cache. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** Set when a constraint was kept. */
  readonly constraint?: ConstraintUsage;
  /** Set when the text was guided. */
  readonly guidance?: GuidanceUsage;
  /** Set when not everything was seen. */
  readonly attention?: AttentionUsage;
  /** Set when what comes next was guessed. */
  readonly lookup?: LookupUsage;
}

export interface LookupUsage {
  /** Tokens that were guessed, and those of them that were written. */
  readonly draftedTokens: number;
  readonly acceptedTokens: number;
  /** Steps that the text took behind its prompt; without guesses, one for each token but the last. */
  readonly steps: number;
}

export interface GuidanceUsage {
  /** How often each token was read: 1 where words alone were biased. */
  readonly readings: number;
  /** Of the further readings' prompts, the tokens that were known from the first reading or an earlier request. */
  readonly sharedTokens: number;
  /** Tokens that the model was asked for, and those of them where guidance made another one the likeliest. */
  readonly askedTokens: number;
  readonly changedTokens: number;
}

export interface ConstraintUsage {
  /** Tokens that could not be others and were written without asking the model. */
  readonly forcedTokens: number;
  /** Time to compile the constraint, and to find the allowed tokens of all steps. */
  readonly compileMs: number;
  readonly maskMs: number;
  /** For each token that was asked for: how much of the model's own probability the allowed ones had. */
  readonly legalMass: readonly number[];
  /** False when a constraint that was only a wish was left. */
  readonly kept: boolean;
}

// ------------------------------------------------------------------------------------------------ constraints

export interface ConstrainRequest {
  readonly model: ModelSpec;
  readonly constraint: ConstraintSpec;
  readonly text: string;
}

export interface ConstrainResult extends Explanation {
  /** The tokens of the text, up to and with the first that does not fit. */
  readonly tokens: readonly ConstrainedToken[];
  readonly compileMs: number;
  readonly maskMs: number;
  /** What the constraint holds after the walk: its automata and masks, roughly. */
  readonly memoryBytes: number;
}

export interface ConstrainedToken {
  readonly id: number;
  readonly token: string;
  /** How many tokens of the vocabulary could have stood here. */
  readonly allowed: number;
  readonly fits: boolean;
}

// ------------------------------------------------------------------------------------------------ scoring

export interface ScoreRequest extends Adaptation {
  readonly model: ModelSpec;
  readonly prompt: PromptInput;
  /** Likeliest alternatives at each position; default 5, at most 256. */
  readonly top?: number;
  /** Default `auto`. */
  readonly attention?: Attention;
}

export interface ScoreResult {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  /** `logprobs[i]` is log p(ids[i] | ids before it); the first has no condition and is null. */
  readonly logprobs: readonly (number | null)[];
  /** `top[i]` are the likeliest tokens after ids[0..i], best first: one list longer in reach than `logprobs`. */
  readonly top: readonly (readonly ScoredToken[])[];
  /** exp of the mean negative log-probability of ids[1..]; null for fewer than two tokens. */
  readonly perplexity: number | null;
}

// ------------------------------------------------------------------------------------------------ routing

export interface RouteRequest extends Adaptation {
  readonly model: ModelSpec;
  readonly prompt: PromptInput;
}

export interface RouteResult {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  /** Names, in the order of the weights. */
  readonly experts: readonly string[];
  /** In the order in which the model computes them. */
  readonly places: readonly RoutedPlace[];
}

/** A linear layer with experts, or the feed-forward network of a mixture. */
export interface RoutedPlace {
  readonly layer: number;
  /** As PEFT names it: `self_attn.q_proj`; `mlp` for a model's own experts. */
  readonly module: string;
  /** For each token, what part of it each expert has: together 1, or less where the model leaves weights as they are. */
  readonly weights: readonly (readonly number[])[];
  /** For each token, the experts' scores. */
  readonly scores: readonly (readonly number[])[];
}

// ------------------------------------------------------------------------------------------------ hidden states

export interface HiddenStatesRequest extends Adaptation {
  readonly model: ModelSpec;
  /** Each is read alone. Messages end with the head of an assistant message, as when the model is to answer. */
  readonly prompts: readonly PromptInput[];
  /** `last` (the default): at a prompt's last token, from which the next one is chosen. `mean`: over all its tokens. */
  readonly at?: "last" | "mean";
}

export type HiddenStatesEvent =
  | LoadEvent
  /** Prompts read so far. */
  | { readonly type: "reading"; readonly done: number; readonly total: number };

export interface HiddenStatesResult {
  /** In the order of the prompts. */
  readonly prompts: readonly PromptStates[];
}

export interface PromptStates {
  readonly tokenCount: number;
  /** [hidden] for each layer, the first layer's output first: what a control vector's `direction.N` is added to. */
  readonly layers: readonly Float32Array[];
}
