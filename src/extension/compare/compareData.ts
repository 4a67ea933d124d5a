/** What a comparison in the editor knows. Plain data, changed by what happens; the page is computed from it. */

import type { Json } from "../../base/json.js";
import type { BlindPair } from "../../compare/blindPairs.js";
import type { CastVote } from "../../compare/castVotes.js";
import { cellKey } from "../../protocol/cellPlace.js";
import type {
  CellPlace,
  CellResult,
  ComparedVariant,
  CompareInput,
  CompareProgress,
  Judgement,
  OutputPart,
  Ratings,
  StoredComparison,
  UsedJudges,
} from "../../protocol/compare.js";
import type { Choice, CompareViewState } from "../../protocol/compareView.js";
import type { CompareChoices, PreviewContent } from "../../protocol/language.js";
import type { ShownChanges } from "./changes.js";
import { startSetup, type CompareSetup } from "./setup.js";

export interface CompareData {
  /** Of the prompt. */
  readonly uri: string | undefined;
  readonly title: string | undefined;
  /** What the language server says of the prompt, with the values that were given. */
  readonly content: PreviewContent | undefined;
  readonly setup: CompareSetup;
  /** Of the setup. */
  readonly table: ReadTable | undefined;
  readonly judge: ReadJudge | undefined;
  /** What was typed here differs from what was typed in the preview. */
  readonly isOwnForm: boolean;
  readonly models: readonly Choice[];
  readonly adapters: readonly string[];
  /** Other versions of the prompt: paths and what they are called. */
  readonly versions: readonly Choice[];
  readonly run: RunState;
  readonly result: ShownResult | undefined;
  /** Of the cells that are shown. */
  readonly at: { readonly input: number; readonly repeat: number };
  readonly diff: boolean;
  readonly blind: boolean;
  /** Why judges could not be asked, in the last run. */
  readonly judgeProblems: readonly string[];
  readonly voting: Voting;
  readonly ratings: Ratings | undefined;
  readonly history: readonly StoredComparison[];
  readonly changes: ShownChanges | undefined;
  readonly notice: CompareViewState["notice"];
}

/** Undefined rows without a problem: too many to be counted beforehand. */
export type ReadTable = { readonly path: string } & NonNullable<CompareChoices["table"]>;
export type ReadJudge = { readonly path: string } & NonNullable<CompareChoices["judge"]>;

export type RunState =
  | { readonly kind: "idle" }
  | { readonly kind: "running"; readonly progress: Omit<CompareProgress, "type">; readonly waiting: string | undefined }
  | {
      readonly kind: "done";
      readonly done: number;
      readonly failed: number;
      readonly total: number;
      readonly ms: number;
      readonly stopped: boolean;
      /** ISO 8601. */
      readonly time: string;
    }
  | { readonly kind: "failed"; readonly message: string };

/** A `CompareResult` that may still grow. */
export interface ShownResult {
  readonly id: string;
  readonly variants: readonly ComparedVariant[];
  readonly inputs: readonly CompareInput[];
  readonly seeds: readonly number[];
  /** By `cellKey`; those that have not begun are missing. */
  readonly cells: Readonly<Record<string, ShownCell>>;
  readonly judged: readonly Judgement[];
  readonly judges?: UsedJudges;
}

export type ShownCell =
  (CellPlace & { readonly status: "writing"; readonly output: readonly OutputPart[] }) | CellResult;

export interface Voting {
  /** On this comparison; the last one is taken back first. */
  readonly votes: readonly CastVote[];
  /** The pair that the user chose to vote on, when it is not the next one. */
  readonly chosen: BlindPair | undefined;
  /** The last vote is shown, and the next pair is waited for. */
  readonly isRevealed: boolean;
  /** A vote is being written to disk. */
  readonly isSaving: boolean;
}

export const noVoting: Voting = { votes: [], chosen: undefined, isRevealed: false, isSaving: false };

export function startCompare(): CompareData {
  return {
    uri: undefined,
    title: undefined,
    content: undefined,
    setup: startSetup(),
    table: undefined,
    judge: undefined,
    isOwnForm: false,
    models: [],
    adapters: [],
    versions: [],
    run: { kind: "idle" },
    result: undefined,
    at: { input: 0, repeat: 0 },
    diff: false,
    blind: false,
    judgeProblems: [],
    voting: noVoting,
    ratings: undefined,
    history: [],
    changes: undefined,
    notice: undefined,
  };
}

export function cellAt(result: ShownResult, place: CellPlace): ShownCell | undefined {
  return result.cells[cellKey(place)];
}

export function textOf({ output }: { readonly output: readonly OutputPart[] }): string {
  return output.map((it) => it.text).join("");
}

/** The values that the prompt is run with. */
export function valuesOf({ content }: CompareData): Readonly<Record<string, Json>> {
  return content?.values ?? {};
}
