/** What crosses between the extension and the page of the preview: whole states one way, what the user did the other way. */

import type { Json } from "../base/json.js";
import type { Candidate, PresetCheck } from "./guide.js";

/** Everything that the page shows. A page that was reloaded is given it again, and has lost nothing. */
export interface PreviewState {
  /** Grows with every change, so that an answer to an older state can be told. */
  readonly version: number;
  /** The file's name. */
  readonly title: string;
  readonly pinned: boolean;
  readonly tab: PreviewTab;
  readonly portability: { readonly level: "plain" | "portable" | "extended"; readonly reason: string };
  /** Names of the file's tests with an input, which can be shown instead of the user's own. */
  readonly tests: readonly string[];
  readonly test: string | undefined;
  readonly inputs: readonly PreviewInput[];
  /** What is wrong with the file or with the inputs, at most a few; with errors nothing can be run. */
  readonly problems: readonly PreviewProblem[];
  readonly messages: readonly PreviewMessage[];
  /** Undefined while no model is loaded: nobody can count. */
  readonly budget: PreviewBudget | undefined;
  readonly run: PreviewRun;
  /** Tokens of the last run, in their holes; empty before. */
  readonly tokens: readonly PreviewTokenHole[];
  /** The typed result of the last run. */
  readonly output: Json | undefined;
  /** Holes of the last run that were guided by presets, or chosen as the best of several texts. */
  readonly guided: readonly PreviewGuided[];
}

export type PreviewTab = "messages" | "tokens" | "output";

export interface PreviewInput {
  readonly name: string;
  readonly kind: "text" | "number" | "integer" | "flag" | "choice" | "json";
  /** Of a choice. */
  readonly options: readonly Json[];
  readonly required: boolean;
  readonly description: string | undefined;
  /** Undefined: nothing was given, and there is no default. */
  readonly value: Json | undefined;
  /** The value is the file's default. */
  readonly isDefault: boolean;
  /** Why the value does not fit. */
  readonly problem: string | undefined;
}

export interface PreviewProblem {
  readonly severity: "error" | "warning" | "information";
  readonly message: string;
  /** From 0; undefined for what has no place in the file. */
  readonly line: number | undefined;
}

export interface PreviewMessage {
  readonly role: "system" | "user" | "model" | "tool";
  /** A message of a few-shot example: shown folded, under its reason. */
  readonly shot: { readonly index: number; readonly of: number; readonly reason: string } | undefined;
  readonly parts: readonly PreviewPart[];
}

/** Messages that take the place of those between the first and the last ones that stay. */
export interface PreviewMessageChange {
  readonly keptFirst: number;
  readonly keptLast: number;
  readonly between: readonly PreviewMessage[];
}

export type PreviewPart =
  /** Text of the file. */
  | { readonly kind: "text"; readonly text: string }
  /** Text of an input. `line`: where it is used. */
  | { readonly kind: "value"; readonly name: string; readonly text: string; readonly line: number | undefined }
  | PreviewMedia
  | PreviewHole;

export interface PreviewMedia {
  readonly kind: "media";
  readonly url: string;
  readonly picture: PreviewPicture;
  /** Where the page finds it; undefined where it must not be shown, or nobody said. */
  readonly src?: string;
  /** What the model reads it as; undefined while nobody can count. */
  readonly tokens?: { readonly count: number; readonly width: number; readonly height: number; readonly tiles: number };
}

export type PreviewPicture =
  | { readonly kind: "bytes"; readonly base64: string }
  /** `path` is absolute. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "problem"; readonly problem: string };

export interface PreviewHole {
  readonly kind: "hole";
  readonly name: string;
  /** What it may hold, in a few words, such as `regex [A-Z]+` or `one of 3`. */
  readonly constraint: string | undefined;
  readonly hidden: boolean;
  readonly line: number | undefined;
  /** What the model wrote; grows while it writes. */
  readonly text: string | undefined;
  readonly state: "open" | "writing" | "filled" | "cut";
  /** How much of the model's probability the constraint left, 0 to 1: mean and lowest. */
  readonly legalMass: { readonly mean: number; readonly lowest: number } | undefined;
}

export interface PreviewBudget {
  readonly context: number;
  /** Kept free for what is written. */
  readonly reserve: number;
  /** What fills it, in the order of the prompt. */
  readonly parts: readonly { readonly label: string; readonly tokens: number }[];
}

export type PreviewRun =
  | { readonly kind: "idle" }
  | { readonly kind: "loading"; readonly model: string; readonly fraction: number }
  | { readonly kind: "reading"; readonly done: number; readonly total: number }
  | { readonly kind: "writing"; readonly hole: string }
  | { readonly kind: "done"; readonly summary: string; readonly cut: boolean }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly message: string };

export interface PreviewTokenHole {
  readonly hole: string;
  readonly tokens: readonly PreviewToken[];
  /** Set when the hole's tokens did not see all of the prompt. */
  readonly seen?: PreviewSeen;
}

export interface PreviewSeen {
  readonly pattern: string;
  readonly promptTokens: number;
  /** Of prompt tokens, from the first up to but not including the second, in their order. */
  readonly ranges: readonly (readonly [number, number])[];
}

export interface PreviewGuided {
  readonly hole: string;
  readonly presets: readonly PresetCheck[];
  readonly candidates: readonly Candidate[];
}

export interface PreviewToken {
  readonly text: string;
  /** The model's own, 0 to 1, under guidance, before sampling and masks; undefined for a token that was forced. */
  readonly probability: number | undefined;
  /** Without guidance another token would have been the likeliest. */
  readonly changed: boolean;
  /** How much of the model's probability the constraint left; undefined where there was none, or while the hole is written. */
  readonly legalMass: number | undefined;
  readonly alternatives: readonly PreviewAlternative[];
}

export interface PreviewAlternative {
  readonly id: number;
  readonly text: string;
  readonly probability: number;
  /** The same without guidance; undefined where there was none. */
  readonly unguided: number | undefined;
  /** The constraint did not allow it. */
  readonly removed: boolean;
  readonly chosen: boolean;
}

/** From the page. */
export type PreviewAction =
  /** The page has been loaded, or loaded again, and wants the state. */
  | { readonly type: "ready" }
  | { readonly type: "tab"; readonly tab: PreviewTab }
  | { readonly type: "run" }
  | { readonly type: "stop" }
  | { readonly type: "pin"; readonly pinned: boolean }
  /** `value` undefined: back to the default. */
  | { readonly type: "input"; readonly name: string; readonly value: Json | undefined }
  /** The value is that of a file the user chooses, or the text that is selected in an editor. */
  | { readonly type: "inputFrom"; readonly name: string; readonly source: "file" | "selection" }
  | { readonly type: "test"; readonly name: string | undefined }
  /** Show this line in the editor. */
  | { readonly type: "line"; readonly line: number }
  /** Write the hole anew: its first `position` tokens stay, then comes the alternative. */
  | { readonly type: "continue"; readonly hole: string; readonly position: number; readonly alternative: number }
  /** The last run becomes a few-shot example of the prompt. */
  | { readonly type: "addExample" }
  /** No model is loaded: load it. */
  | { readonly type: "loadModel" };

/** To the page. */
export type PreviewUpdate =
  | { readonly type: "state"; readonly state: PreviewState }
  /** The state, but for messages that the page has from the state with the version `since`. */
  | {
      readonly type: "change";
      readonly since: number;
      readonly state: Omit<PreviewState, "messages">;
      readonly messages: PreviewMessageChange;
    }
  /** More text of a hole; the state that follows at its end has all of it. */
  | { readonly type: "text"; readonly hole: string; readonly text: string };
