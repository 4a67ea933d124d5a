/**
 * What crosses between the extension and the page of the Compare view: whole states one way, what the user did the other way.
 * While a pair is voted on blind, no state says which variant is which: what the page does not know it cannot show.
 */

import type { Json } from "../base/json.js";
import type { ReportFormat, StoredComparison, VoteChoice } from "./compare.js";
import type { PreviewInput } from "./preview.js";

export interface CompareViewState {
  /** Grows with every change. */
  readonly version: number;
  /** Undefined: no prompt was chosen. The file's name. */
  readonly prompt: string | undefined;
  readonly setup: CompareSetupView;
  readonly run: CompareRunView;
  /** Undefined before anything was run. */
  readonly results: CompareResultsView | undefined;
  readonly standings: StandingsView | undefined;
  readonly history: readonly HistoryItem[];
  /** What went well or wrong with the last thing that the user did; said in place. */
  readonly notice: { readonly kind: "info" | "error"; readonly text: string } | undefined;
}

// ------------------------------------------------------------------------------------------------ setup

export interface CompareSetupView {
  readonly isOpen: boolean;
  readonly variants: readonly VariantView[];
  /** The variant whose editor is open. */
  readonly editing: string | undefined;
  readonly models: readonly Choice[];
  /** Names of adapters that could be added. */
  readonly adapters: readonly string[];
  /** Which inputs: see `inputKinds`. */
  readonly inputs: InputKind;
  readonly tests: readonly string[];
  /** The file of rows. */
  readonly rows: string | undefined;
  /** With `values`: the form. */
  readonly form: readonly PreviewInput[];
  readonly repeats: number;
  readonly firstSeed: number;
  /** Cells that a run would write; undefined while the number of inputs is not known. */
  readonly total: number | undefined;
  /** Why nothing can be run. */
  readonly problem: string | undefined;
}

export type InputKind = "values" | "tests" | "rows";

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface VariantView {
  readonly id: string;
  /** "A", "B"... */
  readonly letter: string;
  readonly label: string;
  /** In a few words. */
  readonly what: string;
  readonly isBaseline: boolean;
  /** Path; empty: that of the settings. */
  readonly model: string;
  readonly adapters: readonly { readonly name: string; readonly scale: number }[];
  /** Undefined: the file's own. */
  readonly guidance: number | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly attention: "" | "dense" | "streaming";
  readonly problem: string | undefined;
}

// ------------------------------------------------------------------------------------------------ run

export type CompareRunView =
  | { readonly kind: "idle" }
  | {
      readonly kind: "running";
      readonly done: number;
      readonly failed: number;
      readonly total: number;
      readonly tokensPerSecond: number;
      readonly leftMs: number | undefined;
      /** What is waited for: "Loading SmolLM2, 40 %". */
      readonly waiting: string | undefined;
    }
  | {
      readonly kind: "done";
      readonly done: number;
      readonly failed: number;
      readonly total: number;
      readonly ms: number;
      readonly stopped: boolean;
      readonly time: string;
    }
  /** Nothing could be run. */
  | { readonly kind: "failed"; readonly message: string };

// ------------------------------------------------------------------------------------------------ outputs

export interface CompareResultsView {
  readonly input: { readonly name: string; readonly index: number; readonly count: number; readonly text: string };
  readonly seed: { readonly value: number; readonly index: number; readonly count: number };
  readonly diff: boolean;
  readonly blind: boolean;
  readonly cards: readonly CardView[];
  readonly vote: VoteView | undefined;
}

export interface CardView {
  /** For actions; of the place, not of the variant, while votes are blind. */
  readonly id: string;
  /** "A", or "L" and "R" while votes are blind. */
  readonly letter: string;
  readonly title: string;
  readonly isBaseline: boolean;
  readonly state: "waiting" | "writing" | "finished" | "failed" | "stopped";
  readonly parts: readonly CardPart[];
  /** Undefined while votes are blind, and until it is done. */
  readonly metrics: CardMetrics | undefined;
  readonly checks: readonly CardCheck[];
  /** Of a variant that failed. */
  readonly problem: string | undefined;
  /** The user's vote went to it. */
  readonly isChosen: boolean;
}

export interface CardPart {
  /** `model`: what the model wrote; `file`: the file's own text; the others are words of a diff. */
  readonly kind: "model" | "file" | "added" | "removed";
  readonly text: string;
}

export interface CardMetrics {
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly firstTokenMs: number;
  /** Percents and the like, in words. */
  readonly others: readonly string[];
}

export interface CardCheck {
  readonly ok: boolean;
  readonly text: string;
  /** What was found of each. */
  readonly details: string;
}

export type VoteView =
  | {
      readonly kind: "open";
      /** What stands on the buttons 1 and 2. */
      readonly left: string;
      readonly right: string;
      readonly blind: boolean;
      readonly canSwap: boolean;
      /** "7 of 12 pairs left" or "24 votes". */
      readonly count: string;
    }
  /** After a vote. */
  | { readonly kind: "voted"; readonly text: string; readonly left: number }
  | { readonly kind: "saving" }
  /** There is nothing to vote on. */
  | { readonly kind: "none"; readonly reason: string; readonly canUndo: boolean };

// ------------------------------------------------------------------------------------------------ standings and history

export interface StandingsView {
  readonly rows: readonly StandingRow[];
  readonly votes: number;
  readonly ties: number;
  /** Where the scale of the intervals begins and ends. */
  readonly from: number;
  readonly to: number;
  /** Which pairs overlap, and how many votes are missing. */
  readonly open: readonly { readonly text: string; readonly left: string; readonly right: string }[];
  readonly warnings: readonly string[];
}

export interface StandingRow {
  readonly key: string;
  /** Empty for a variant that is not in this comparison. */
  readonly letter: string;
  readonly label: string;
  readonly rating: number;
  readonly interval: readonly [number, number];
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

export type HistoryItem = Pick<StoredComparison, "id" | "time" | "done" | "failed"> & {
  readonly title: string;
  readonly isOpen: boolean;
};

// ------------------------------------------------------------------------------------------------ messages

export type CompareViewUpdate =
  | { readonly type: "state"; readonly state: CompareViewState }
  /** A command of the editor that concerns the page alone. */
  | { readonly type: "focus"; readonly part: "setup" | "outputs" | "vote" };

/** What the commands of the keys do. */
export type CompareKeyAction =
  | { readonly type: "run" }
  | { readonly type: "stop" }
  | { readonly type: "vote"; readonly choice: VoteChoice }
  | { readonly type: "nextPair" }
  | { readonly type: "undo" }
  | { readonly type: "input"; readonly step: 1 | -1 }
  | { readonly type: "seed"; readonly step: 1 | -1 }
  | { readonly type: "diff" }
  | { readonly type: "blind" };

/** From the page. */
export type CompareViewAction =
  | CompareKeyAction
  /** The page has been loaded, or loaded again, and wants the state. */
  | { readonly type: "ready" }
  | { readonly type: "choosePrompt" }
  | { readonly type: "openPrompt" }
  | { readonly type: "openSetup"; readonly isOpen: boolean }
  | { readonly type: "addVariant" }
  /** A variant of a model that another extension offers, once the user has chosen it. */
  | { readonly type: "addOutsideVariant" }
  | { readonly type: "editVariant"; readonly id: string | undefined }
  | { readonly type: "duplicateVariant"; readonly id: string }
  | { readonly type: "removeVariant"; readonly id: string }
  | { readonly type: "changeVariant"; readonly id: string; readonly change: VariantChange }
  | { readonly type: "baseline"; readonly id: string }
  | { readonly type: "writeVariants" }
  | { readonly type: "inputs"; readonly kind: InputKind }
  | { readonly type: "chooseRows" }
  /** `value` undefined: back to the default. */
  | { readonly type: "value"; readonly name: string; readonly value: Json | undefined }
  | { readonly type: "repeats"; readonly value: number }
  | { readonly type: "firstSeed"; readonly value: number }
  | { readonly type: "runFailed" }
  | { readonly type: "otherPair" }
  | { readonly type: "votePair"; readonly left: string; readonly right: string }
  | { readonly type: "card"; readonly id: string; readonly what: CardAction }
  | { readonly type: "copyAll" }
  | { readonly type: "export"; readonly format: ReportFormat; readonly comparison?: string }
  | { readonly type: "openComparison"; readonly id: string }
  | { readonly type: "showLog" };

export type CardAction = "copy" | "open" | "insert" | "addExample" | "saveTest" | "again";

/** One field of a variant; undefined is the file's own. */
export type VariantChange =
  | { readonly field: "label" | "model"; readonly value: string }
  | { readonly field: "guidance" | "temperature" | "topP"; readonly value: number | undefined }
  | { readonly field: "attention"; readonly value: VariantView["attention"] }
  /** A scale of undefined takes the adapter away. */
  | { readonly field: "adapter"; readonly name: string; readonly scale: number | undefined };
