/**
 * Comparing: what a matrix of variants, inputs and seeds is asked to write, what is told on the way, what comes back; votes
 * on it and ratings from them. Plain data, so that it can cross a process and be kept in a file.
 */

import type { PresetCheck } from "./guide.js";
import type { ErrorCode } from "../base/error.js";
import type { Json, JsonObject } from "../base/json.js";
import type { GenerateResult, LoadEvent, ModelSpec, OnEvent, SamplingOptions, TokenEvent } from "./engine.js";
import type { OutsideAnswer, OutsideRequest } from "./outside.js";
import type { AdapterChoice, AdapterPlaces } from "./run.js";

/** Compares and remembers; implemented in process by `host` and across processes by `client`. */
export interface Comparer {
  /**
   * Runs the matrix. Stopping is not an error: the result holds what is there. Throws `prompt-invalid`, `input-invalid` and
   * `usage` for what is wrong with the whole; what is wrong with one variant or one cell is told of that cell.
   */
  compare(request: CompareRequest, onEvent: OnEvent<CompareEvent>, signal: AbortSignal): Promise<CompareResult>;
  /** Settles when the vote is on disk. Throws `file-unwritable`. */
  vote(request: VoteRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<VoteReceipt>;
  /** Takes a vote back, by a further line. Throws `usage` for a vote that is not there, `file-unwritable`. */
  undoVote(request: UndoVoteRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<VoteReceipt>;
  /** Votes on one comparison, in the order of the file. Throws `file-unreadable`. */
  votes(request: VotesRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<VoteList>;
  ratings(request: RatingsRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<Ratings>;
  /** Stored comparisons, newest first. */
  comparisons(request: ComparisonsRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<ComparisonList>;
  /** Throws `file-not-found`, `file-unreadable`. */
  openComparison(request: StoredRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<CompareResult>;
  diffComparisons(
    request: DiffComparisonsRequest,
    onEvent: OnEvent<never>,
    signal: AbortSignal,
  ): Promise<ComparisonDiff>;
  exportComparison(request: ExportRequest, onEvent: OnEvent<never>, signal: AbortSignal): Promise<ExportedReport>;
  /** What a model wrote that a comparison has asked its listener for. */
  answerOutside(request: OutsideAnswer, onEvent: OnEvent<never>, signal: AbortSignal): Promise<void>;
}

// ------------------------------------------------------------------------------------------------ what is asked

/** At least and at most so many variants. */
export const VARIANTS = { min: 2, max: 8 } as const;

export interface CompareRequest extends AdapterPlaces {
  /** Absolute path of the prompt; partials, shots and adapters are found from its folder. */
  readonly path: string;
  /** The text to run instead of what is on disk (an unsaved editor). */
  readonly text?: string;
  /** 2 to 8, with different ids. */
  readonly variants: readonly Variant[];
  /** Of variants that name none. */
  readonly model: ModelSpec;
  /** Default: the file's tests if it has any, else its default values. */
  readonly inputs?: CompareInputs;
  /**
   * How often each variant writes each input, each time with another seed; default: as often as there are seeds, else 1. The
   * input of a test is written at least as often as its `repeat` says.
   */
  readonly repeats?: number;
  /** Where there are fewer than repeats, the rest count on from the last one; default 0, 1, 2... */
  readonly seeds?: readonly number[];
  /** Upper limit of tokens for each hole. */
  readonly maxTokens?: number;
  /** Likeliest alternatives told of each token; default 0, and then no token is told. */
  readonly top?: number;
  /** Measures and judges beside the file's own tests. */
  readonly judges?: Judges;
  /**
   * An earlier result of the same matrix, whose cells stay as they are: only `cells` are written again. Inputs and seeds are
   * the result's. Without cells, what is there is judged.
   */
  readonly again?: { readonly result: CompareResult; readonly cells: readonly CellPlace[] };
  /** Where the result is kept; undefined: nowhere. */
  readonly store?: CompareStore;
  /** The listener asks models for us that the engine does not have (`protocol/outside`); default no. */
  readonly asksOutside?: boolean;
}

/** Everything that tells one variant from another. What is left out is the file's own. */
export interface VariantSettings {
  /** Default: the request's model. */
  readonly model?: ModelSpec;
  /** Beside those of the file; one of the file's own gets another scale, and 0 leaves it out. */
  readonly adapters?: readonly AdapterChoice[];
  /** In place of the file's `tiller.guide`; `{}` is no guide. */
  readonly guide?: JsonObject;
  /** Over the file's `config`; a seed in it is not read. */
  readonly sampling?: SamplingOptions;
  /** In place of the file's `tiller.attention`. */
  readonly attention?: JsonObject;
  /** Absolute path of another version of the prompt, with `text` in place of what is on disk. */
  readonly prompt?: { readonly path: string; readonly text?: string };
}

export interface Variant extends VariantSettings {
  /** Short, and its own in the request: "a", "b", ... */
  readonly id: string;
  /** For people. */
  readonly label: string;
}

export type CompareInputs =
  | { readonly kind: "values"; readonly values: JsonObject; readonly reference?: string }
  /** The file's `tiller.tests`; `names` default to all of them. */
  | { readonly kind: "tests"; readonly names?: readonly string[] }
  | { readonly kind: "rows"; readonly rows: readonly InputRow[] }
  /** Absolute path of a table: a `.csv` or `.tsv` file, or lines of JSON, each an object of values or `{name?, input, reference?}`. */
  | { readonly kind: "file"; readonly path: string };

export interface InputRow {
  readonly name?: string;
  readonly values: JsonObject;
  /** A text as it should be: outputs are measured by their distance to it. */
  readonly reference?: string;
}

export interface Judges {
  /** The log-likelihood of each output under this model, behind the same prompt. */
  readonly likelihood?: ModelSpec;
  /**
   * Absolute path of a `.prompt` that is asked for each pair of outputs, in both orders. It is given `input`, `first` and
   * `second`, and has one choice hole with the options `first`, `second` and, if it likes, `tie`. `model` defaults to the
   * request's.
   */
  readonly prompt?: { readonly path: string; readonly text?: string; readonly model?: ModelSpec };
}

export interface CompareStore {
  /** Absolute path of the workspace; files lie in its folder `.tiller`. Prompts are named by their paths from here. */
  readonly folder: string;
  /** The oldest beyond so many are deleted; default 100. */
  readonly keep?: number;
}

// ------------------------------------------------------------------------------------------------ what is told

/** One place of the matrix. */
export interface CellPlace {
  /** The variant's id. */
  readonly variant: string;
  /** Index into the result's inputs. */
  readonly input: number;
  /** Index into the result's seeds. */
  readonly repeat: number;
}

export type CompareEvent =
  /** First. */
  | {
      readonly type: "started";
      readonly id: string;
      readonly variants: readonly ComparedVariant[];
      readonly inputs: readonly CompareInput[];
      readonly seeds: readonly number[];
      /** Cells that will be written. */
      readonly total: number;
    }
  /** A model is being made ready; these variants wait for it. */
  | (LoadEvent & { readonly model: string; readonly variants: readonly string[] })
  | CompareProgress
  /** These cells are being written now, as rows of one batch. */
  | { readonly type: "writing"; readonly cells: readonly CellPlace[] }
  /** Goes behind what was told of the cell. Without a hole it is the file's own text. */
  | { readonly type: "text"; readonly cell: CellPlace; readonly text: string; readonly hole?: string }
  /** Told when `top` is above 0. */
  | (TokenEvent & { readonly cell: CellPlace; readonly hole: string })
  /** What was told of the cell does not count: it is written anew, because other models made room, or the engine stopped. */
  | { readonly type: "restarted"; readonly cell: CellPlace; readonly reason: string }
  /** A model outside of the engine is to be asked; the listener answers with `answerOutside`. */
  | { readonly type: "outside"; readonly request: OutsideRequest }
  /** No more of that answer is needed. */
  | { readonly type: "outside-enough"; readonly ask: string }
  /** The cell is done, well or not. */
  | { readonly type: "finished"; readonly cell: CellResult }
  /** The judge prompt is asked for pairs, or outputs are scored. */
  | { readonly type: "judging"; readonly judge: AskedJudge; readonly done: number; readonly total: number }
  /** Could not be kept, and is a result all the same. */
  | { readonly type: "not-stored"; readonly message: string }
  /** The judge cannot be asked, or not any further; the outputs are there all the same. */
  | { readonly type: "not-judged"; readonly judge: AskedJudge; readonly message: string }
  /** Last. */
  | {
      readonly type: "done";
      readonly finish: CompareResult["finish"];
      readonly done: number;
      readonly failed: number;
      readonly ms: number;
    };

/** Judges that are models. */
export type AskedJudge = "prompt" | "likelihood";

export interface CompareProgress {
  readonly type: "progress";
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  /** Of all rows together; 0 while nothing is written. */
  readonly tokensPerSecond: number;
  /** Undefined until it can be guessed. */
  readonly leftMs: number | undefined;
}

// ------------------------------------------------------------------------------------------------ what comes back

export interface CompareResult {
  readonly schema: 1;
  readonly id: string;
  /** When it began, ISO 8601. */
  readonly time: string;
  /** From the workspace, with forward slashes; absolute where nothing is stored. */
  readonly prompt: string;
  /** SHA-256 of the text, 16 hexadecimal digits of it. */
  readonly promptHash: string;
  readonly promptText: string;
  readonly variants: readonly ComparedVariant[];
  readonly inputs: readonly CompareInput[];
  readonly seeds: readonly number[];
  /** By variant, input and repeat, in this order; without those that were stopped before they began. */
  readonly cells: readonly CellResult[];
  readonly judged: readonly Judgement[];
  /** Which judges were asked; undefined: none. */
  readonly judges?: UsedJudges;
  readonly finish: "complete" | "stopped";
  readonly ms: number;
}

/** A variant as it was run. */
export interface ComparedVariant {
  readonly id: string;
  readonly label: string;
  /** The same settings have the same key, whatever they are called and on whatever machine: ratings go by it. */
  readonly key: string;
  /** File name of the model. */
  readonly model: string;
  /** As they were found, those of the file included. */
  readonly adapters: readonly { readonly name: string; readonly scale: number }[];
  /** In words: "SmolLM2-135M, pirate 0.8, temperature 0.7". */
  readonly summary: string;
  readonly settings: VariantSettings;
}

export interface CompareInput {
  readonly name: string;
  readonly values: JsonObject;
  readonly reference?: string;
  /** How often it is written, where that is less often than there are seeds. */
  readonly repeats?: number;
  /** Tests whose checks its outputs are put to, and the part of its repeats that must pass each; default none. */
  readonly tests?: readonly { readonly name: string; readonly passRate: number }[];
}

export type CellResult = FinishedCell | FailedCell | StoppedCell;

interface CellBase extends CellPlace {
  readonly seed: number;
  /** What the model wrote, with the file's own text around it from the first hole's message on; empty where nothing is. */
  readonly output: readonly OutputPart[];
}

export interface OutputPart {
  readonly text: string;
  /** The hole that it was written into; undefined for the file's own text. */
  readonly hole?: string;
}

export interface FinishedCell extends CellBase {
  readonly status: "finished";
  /** The parts of `output` together. */
  readonly text: string;
  /** The value of the only hole, or an object of all that are not hidden, by name. */
  readonly value: Json;
  /** `length`: a limit of tokens cut a text off. */
  readonly finish: Exclude<GenerateResult["finish"], "cancelled">;
  readonly metrics: CellMetrics;
  readonly validity: CellValidity;
  /** Of the file's test that the input comes from, or of its tests that name no input of their own. */
  readonly tests: readonly TestVerdict[];
  /** What the file's guide, or the variant's, asked for, measured. */
  readonly presets: readonly PresetCheck[];
}

export interface FailedCell extends CellBase {
  readonly status: "failed";
  readonly code: ErrorCode | "bug";
  readonly message: string;
}

/** Text so far. */
export interface StoppedCell extends CellBase {
  readonly status: "stopped";
}

export interface CellMetrics {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  /** Tokens that were written, in all holes. */
  readonly tokens: number;
  /** From the beginning of the cell to its first token. */
  readonly firstTokenMs: number;
  /** Of this cell alone, while its rows were being written. */
  readonly tokensPerSecond: number;
  readonly ms: number;
  /** The most rows that were written together with it, itself included. */
  readonly rows: number;
  /** Mean over its masked tokens of the probability that the mask left; undefined without a constraint. */
  readonly legalMass?: number;
  /** From 0 (the reference itself) to 1: edits by character over the longer one's length. */
  readonly distance?: number;
  /** Mean log-probability of a token of the output under the model that was chosen, in nats. */
  readonly likelihood?: number;
}

export interface CellValidity {
  readonly valid: number;
  readonly holes: number;
  readonly problems: readonly { readonly hole: string; readonly problem: string }[];
}

export interface TestVerdict {
  /** The test that it is a check of. */
  readonly test?: string;
  /** In words: `contains "refund"`. */
  readonly name: string;
  readonly passed: boolean;
  /** What was found. */
  readonly result: string;
  /** From 0 to 1, of checks that are not just met or missed. */
  readonly score?: number;
}

export interface UsedJudges {
  /** `name` as the prompt's own in the result, `model` the file name of what it was run on. */
  readonly prompt?: { readonly name: string; readonly hash: string; readonly model: string };
  /** File name of the model. */
  readonly likelihood?: string;
}

/** What the judge prompt said of two outputs, asked in both orders. */
export interface Judgement {
  readonly input: number;
  readonly repeat: number;
  readonly a: string;
  readonly b: string;
  /** A judge that says something else when the order is another one has no opinion: `tie`. */
  readonly choice: "a" | "b" | "tie";
  /** Whether it said the same in both orders. */
  readonly consistent: boolean;
}

// ------------------------------------------------------------------------------------------------ votes

export type VoteChoice = "left" | "right" | "tie" | "both-bad";

/** One line of `.tiller/votes.jsonl`, which says by itself what was voted on. */
export interface Vote {
  readonly kind: "vote";
  readonly schema: 1;
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  /** As in `CompareResult`. */
  readonly prompt: string;
  readonly promptHash: string;
  readonly input: Pick<CompareInput, "name" | "values" | "reference">;
  /** In the order in which they were shown. */
  readonly left: VotedOutput;
  readonly right: VotedOutput;
  /** Nobody could see which variant wrote what. */
  readonly blind: boolean;
  readonly vote: VoteChoice;
  /** The comparison's id. */
  readonly comparison?: string;
}

export interface VotedOutput {
  readonly variant: VotedVariant;
  readonly seed: number;
  readonly output: string;
}

/** Without paths of this machine. */
export type VotedVariant = Pick<ComparedVariant, "key" | "label" | "model" | "adapters" | "summary">;

/** Takes a vote back: lines are only ever added. */
export interface VoteUndo {
  readonly kind: "undo";
  readonly schema: 1;
  readonly id: string;
  readonly time: string;
  /** Of the vote that no longer counts. */
  readonly vote: string;
}

export type VoteLine = Vote | VoteUndo;

/** Where the votes lie: the workspace's folder, absolute. */
export interface VotePlace {
  readonly folder: string;
}

export interface VoteRequest extends VotePlace {
  readonly vote: Vote;
}

export interface UndoVoteRequest extends VotePlace {
  /** The vote's id. */
  readonly vote: string;
}

export interface VotesRequest extends VotePlace {
  /** The comparison's id. */
  readonly comparison: string;
}

export interface VoteList {
  /** Those that count. */
  readonly votes: readonly Vote[];
  /** What could not be read of the file, in words. */
  readonly warnings: readonly string[];
}

export interface VoteReceipt {
  /** Votes that count now, of all prompts. */
  readonly votes: number;
}

// ------------------------------------------------------------------------------------------------ ratings

export interface RatingsRequest extends VotePlace {
  /** Only votes on this prompt, as a path from the folder; default all. */
  readonly prompt?: string;
  /** Only votes between these variants, by key; default all. */
  readonly variants?: readonly string[];
  /** Of the bootstrap; the same seed gives the same intervals. Default 0. */
  readonly seed?: number;
}

export interface Ratings {
  /** Best first. */
  readonly variants: readonly RatedVariant[];
  readonly votes: number;
  readonly ties: number;
  readonly bothBad: number;
  /** Pairs that are not told apart yet, those with the fewest votes missing first. */
  readonly open: readonly OpenPair[];
  /** Groups of variants that no vote links: ratings say nothing across them. One group is the good case. */
  readonly groups: readonly (readonly string[])[];
  /**
   * Within a group, blocs where one won every vote against the other: that it is better is known, and how much is not (the
   * rating is where a weak prior holds it). Best bloc first; empty in the good case.
   */
  readonly separated: readonly (readonly string[])[];
  /** Undefined without blind votes on a pair that was shown both ways. */
  readonly position: PositionEffect | undefined;
  /** Ratings by prompt, where there are votes on several. */
  readonly prompts: readonly PromptRatings[];
  /** Judges and people, where the same outputs were judged by both. */
  readonly agreements: readonly JudgeAgreement[];
  /** What could not be read of the file, in words. */
  readonly warnings: readonly string[];
}

export interface RatedVariant {
  readonly key: string;
  readonly label: string;
  readonly summary: string;
  /** On Elo's scale: 1000 is the mean of its group, and 400 more are odds of 10 to 1. */
  readonly rating: number;
  /** 95 %, by bootstrap. */
  readonly interval: readonly [number, number];
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  readonly bothBad: number;
  /** Index into `groups`. */
  readonly group: number;
}

export interface OpenPair {
  /** Keys, the better one first. */
  readonly a: string;
  readonly b: string;
  /** About so many more votes between them would tell them apart; undefined when they look alike. */
  readonly votesMissing: number | undefined;
}

export interface PositionEffect {
  /** What being shown on the left is worth, on Elo's scale. */
  readonly rating: number;
  readonly interval: readonly [number, number];
  /** The interval leaves out 0: where an output was shown changed the votes. */
  readonly matters: boolean;
}

export interface PromptRatings {
  readonly prompt: string;
  readonly votes: number;
  readonly variants: readonly RatedVariant[];
}

/** The judge prompt, the checks of the file's tests, the likelihood under a model, and the distance to a reference. */
export type JudgeKind = AskedJudge | "checks" | "distance";

export interface JudgeAgreement extends Agreement {
  readonly judge: JudgeKind;
}

/** Cohen's kappa: 1 is full agreement, 0 what chance would give. */
export interface Agreement {
  /** Undefined when both sides always said the same one thing. */
  readonly kappa: number | undefined;
  /** Part of the pairs on which both said the same. */
  readonly observed: number;
  readonly pairs: number;
}

// ------------------------------------------------------------------------------------------------ history

export interface ComparisonsRequest extends VotePlace {
  /** Only those of this prompt, as a path from the folder. */
  readonly prompt?: string;
}

export interface ComparisonList {
  readonly comparisons: readonly StoredComparison[];
  /** What could not be read, in words. */
  readonly warnings: readonly string[];
}

export interface StoredComparison {
  readonly id: string;
  readonly time: string;
  readonly prompt: string;
  readonly promptHash: string;
  readonly variants: readonly { readonly id: string; readonly label: string; readonly summary: string }[];
  readonly inputs: number;
  readonly done: number;
  readonly failed: number;
  readonly finish: CompareResult["finish"];
  readonly ms: number;
}

export interface StoredRequest extends VotePlace {
  readonly id: string;
}

export interface DiffComparisonsRequest extends VotePlace {
  readonly older: string;
  readonly newer: string;
}

export interface ComparisonDiff {
  readonly older: Pick<CompareResult, "id" | "time">;
  readonly newer: Pick<CompareResult, "id" | "time">;
  /** In the order of the newer one; those that only the older one has are the last. */
  readonly variants: readonly VariantDiff[];
  /** Cells that both have: the same variant (by key, else by label), the same input values, the same seed. */
  readonly cells: readonly CellDiff[];
  /** Cells that only one of them has. */
  readonly onlyOlder: number;
  readonly onlyNewer: number;
  readonly promptChanged: boolean;
}

/** Without `older` it was added, without `newer` taken away; other keys are other settings under the same name. */
export interface VariantDiff {
  readonly older?: Pick<ComparedVariant, "id" | "label" | "summary" | "key">;
  readonly newer?: Pick<ComparedVariant, "id" | "label" | "summary" | "key">;
  readonly measures: readonly MeasureDiff[];
}

export interface MeasureDiff {
  readonly name: string;
  /** How many digits behind the point mean something. */
  readonly digits: number;
  readonly older?: number;
  readonly newer?: number;
}

export interface CellDiff {
  readonly older: CellPlace;
  readonly newer: CellPlace;
  /** The input's name, in the newer one. */
  readonly input: string;
  readonly seed: number;
  /** Text and status. */
  readonly same: boolean;
  /** From the older text to the newer. */
  readonly words: readonly WordDiff[];
  readonly was: { readonly status: CellResult["status"]; readonly message?: string };
  readonly is: { readonly status: CellResult["status"]; readonly message?: string };
}

/** Texts of all that are not `added` are the old text, of all that are not `removed` the new one. */
export interface WordDiff {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

export type ReportFormat = "markdown" | "json" | "html";

export interface ExportRequest extends VotePlace {
  /** A stored comparison's id, or one that was never stored. */
  readonly comparison: string | CompareResult;
  readonly format: ReportFormat;
}

export interface ExportedReport {
  readonly text: string;
}
