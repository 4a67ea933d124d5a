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
  readonly measures: MeasuresView | undefined;
  readonly standings: StandingsView | undefined;
  readonly history: readonly HistoryItem[];
  /** Set while two stored comparisons are looked at side by side, in place of the outputs. */
  readonly changes: ChangesView | undefined;
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
  /** Versions of the prompt beside it: paths and their names; the first, empty one is the prompt itself. */
  readonly prompts: readonly Choice[];
  readonly inputs: InputKind;
  /** Undefined while it is not known. */
  readonly inputCount: number | undefined;
  /** Names of the file's tests with an input. */
  readonly tests: readonly string[];
  /** The one that is chosen, with `test`. */
  readonly test: string | undefined;
  /** The table that was chosen last. */
  readonly table: TableView | undefined;
  /** With `values`: the form. */
  readonly form: readonly PreviewInput[];
  /** The form has other values than the preview of the prompt. */
  readonly isOwnForm: boolean;
  readonly judges: JudgesView;
  readonly repeats: number;
  readonly firstSeed: number;
  /** Cells that a run would write; undefined while the number of inputs is not known. */
  readonly total: number | undefined;
  /** Why nothing can be run. */
  readonly problem: string | undefined;
}

/** The form's values, one test of the file, all of its tests, or the rows of a table. */
export type InputKind = "values" | "test" | "tests" | "rows";

export interface JudgesView {
  /** The judge prompt; the file's name. */
  readonly prompt: string | undefined;
  /** Why it cannot judge. */
  readonly problem: string | undefined;
  /** Path; empty: that of the settings. */
  readonly model: string;
  /** Of the model that outputs are scored under; empty: that of the settings; undefined: none. */
  readonly likelihood: string | undefined;
  /** With `values`: the output as it should be, may be empty. Tests and tables have references of their own. */
  readonly reference: string | undefined;
}

export interface TableView {
  /** The file's name. */
  readonly name: string;
  /** Undefined while it is read, and where it cannot be. */
  readonly rows: number | undefined;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Empty: the file's own. */
export type AttentionChoice = "" | "auto" | "dense" | "streaming" | "block-sparse";

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
  /** Path of another version of the prompt; empty: the prompt itself. */
  readonly prompt: string;
  /** Undefined: the file's own. */
  readonly guidance: number | undefined;
  readonly tone: string | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly attention: AttentionChoice;
  /** What is said of the pattern beside its name. */
  readonly attended: Readonly<Record<string, number | boolean>>;
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

// ------------------------------------------------------------------------------------------------ measures

export interface MeasuresView {
  /** `isWide`: left out where there is little room. */
  readonly columns: readonly { readonly name: string; readonly what: string; readonly isWide: boolean }[];
  readonly rows: readonly { readonly letter: string; readonly label: string; readonly cells: readonly string[] }[];
  /** Who judged. */
  readonly judges: string | undefined;
  /** How far judges and the user's votes agree. */
  readonly agreements: readonly string[];
  /** Why judges could not be asked. */
  readonly problems: readonly string[];
  readonly canJudge: boolean;
  readonly isJudged: boolean;
}

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

export interface ChangesView {
  /** Which two. */
  readonly title: string;
  /** Sentences. */
  readonly summary: readonly string[];
  readonly variants: readonly ChangedVariant[];
  /** Outputs that changed, or the first of them. */
  readonly cells: readonly ChangedCell[];
  /** How many are not shown. */
  readonly more: number;
}

export interface ChangedVariant {
  /** Of the newer comparison; empty for one that is not in it. */
  readonly letter: string;
  readonly label: string;
  readonly kind: "both" | "added" | "removed";
  /** What its settings were and are, where they differ. */
  readonly note: string | undefined;
  /** `0.52 → 0.61` */
  readonly measures: readonly { readonly name: string; readonly text: string }[];
}

export interface ChangedCell {
  readonly id: string;
  readonly letter: string;
  readonly title: string;
  /** Input and seed. */
  readonly where: string;
  readonly parts: readonly CardPart[];
  /** Where it failed or was stopped in one of the two. */
  readonly note: string | undefined;
}

export type HistoryItem = Pick<StoredComparison, "id" | "time" | "done" | "failed"> & {
  readonly title: string;
  readonly isOpen: boolean;
  /** Which other one it would be compared with; undefined: there is none. */
  readonly against: "newest" | "before" | undefined;
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
  /** `test`: with the kind of this name. */
  | { readonly type: "inputs"; readonly kind: InputKind; readonly test?: string }
  | { readonly type: "chooseRows" }
  /** The form's values are those of the preview again. */
  | { readonly type: "previewValues" }
  /** `value` undefined: back to the default. */
  | { readonly type: "value"; readonly name: string; readonly value: Json | undefined }
  | { readonly type: "chooseJudge" }
  | { readonly type: "judges"; readonly change: JudgesChange }
  /** The outputs that are there are judged. */
  | { readonly type: "judge" }
  | { readonly type: "repeats"; readonly value: number }
  | { readonly type: "firstSeed"; readonly value: number }
  | { readonly type: "runFailed" }
  | { readonly type: "otherPair" }
  | { readonly type: "votePair"; readonly left: string; readonly right: string }
  | { readonly type: "card"; readonly id: string; readonly what: CardAction }
  | { readonly type: "copyAll" }
  | { readonly type: "export"; readonly format: ReportFormat; readonly comparison?: string }
  | { readonly type: "openComparison"; readonly id: string }
  /** Of this one against the newest; of the newest against the one before. */
  | { readonly type: "showChanges"; readonly id: string }
  | { readonly type: "chooseChanges" }
  | { readonly type: "moreChanges" }
  | { readonly type: "closeChanges" }
  | { readonly type: "showLog" };

export type CardAction = "copy" | "open" | "insert" | "addExample" | "saveTest" | "again";

export type JudgesChange =
  | { readonly field: "prompt"; readonly value: undefined }
  | { readonly field: "model" | "reference"; readonly value: string }
  | { readonly field: "likelihood"; readonly value: string | undefined };

/** One field of a variant; undefined is the file's own. */
export type VariantChange =
  | { readonly field: "label" | "model" | "prompt"; readonly value: string }
  | { readonly field: "tone"; readonly value: string | undefined }
  | { readonly field: "guidance" | "temperature" | "topP"; readonly value: number | undefined }
  /** Another pattern begins with its defaults. */
  | { readonly field: "attention"; readonly value: AttentionChoice }
  | { readonly field: "attended"; readonly name: string; readonly value: number | boolean | undefined }
  /** A scale of undefined takes the adapter away. */
  | { readonly field: "adapter"; readonly name: string; readonly scale: number | undefined };
