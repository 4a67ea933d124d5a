/** What our own client asks the language server beyond the protocol that all editors speak. */

import type { Json, JsonObject } from "../base/json.js";
import type { ConstraintSpec } from "./constraint.js";
import type { PreviewState } from "./preview.js";

/**
 * A notification without parameters: files that prompts are made of were changed on disk. (Editors may ignore what begins with
 * "$/".)
 */
export const filesChangedMethod = "$/tiller/filesChanged";

export const previewMethod = "tiller/preview";

export interface PreviewParams {
  readonly uri: string;
  /** What the user gave, by variable. */
  readonly input: JsonObject;
  /** The test whose input is shown instead. */
  readonly test?: string;
}

/** What a preview shows without a model; null for a document that is not there. */
export type PreviewContent = Pick<
  PreviewState,
  "portability" | "tests" | "test" | "inputs" | "problems" | "messages"
> & {
  /** The values that the prompt is rendered with. */
  readonly values: JsonObject;
  /** Tokens that the file keeps free for what is written, `maxOutputTokens`; 0 where it says nothing. */
  readonly reserve: number;
  /** The file's `tiller.compare` and `tiller.guide`, as they stand there. */
  readonly compare: Json | undefined;
  readonly guide: JsonObject | undefined;
  /** Names of the file's own adapters. */
  readonly adapters: readonly string[];
  /** How often a comparison writes the input of each test at least, in the order of `tests`; and every input. */
  readonly testRepeats: readonly number[];
  readonly leastRepeats: number;
};

/** Asks for a `GhostPlace`, or null where a completion could only disturb. */
export const ghostPlaceMethod = "tiller/ghostPlace";

export interface GhostParams {
  readonly uri: string;
  /** Characters of the document before the cursor. */
  readonly offset: number;
}

/** The text before the cursor is continued. */
export interface GhostPlace {
  readonly constraint: ConstraintSpec;
  readonly stop: readonly string[];
  /** The end of the text before the cursor that the constraint holds for too. */
  readonly written?: string;
  /** As in `GenerateRequest`. */
  readonly wordBias?: Readonly<Record<string, number>>;
}

/** Asks for an `AppendedShot`: how a run becomes an example of its prompt; null for a document that is not there. */
export const appendShotMethod = "tiller/appendShot";

export interface AppendShotParams {
  readonly uri: string;
  readonly input: JsonObject;
  readonly output: Json;
}

export type AppendedShot =
  /** The examples stand in the prompt. `span`: characters of the document. */
  | {
      readonly kind: "edit";
      readonly edit: { readonly span: { readonly start: number; readonly end: number }; readonly text: string };
    }
  /** They stand in this file, to which a line is added. */
  | { readonly kind: "line"; readonly file: string; readonly line: string }
  | { readonly kind: "refused"; readonly reason: string };

/** Asks for `PromptTests` of the prompt at a URI; null where there is none. */
export const promptTestsMethod = "tiller/promptTests";

export interface PromptTestsParams {
  readonly uri: string;
}

export interface PromptTests {
  /** Lines from 0. */
  readonly tests: readonly { readonly name: string; readonly firstLine: number; readonly lastLine: number }[];
}

/** Asks for `CompareChoices`: what can be told of the files that a comparison is to use. */
export const compareChoicesMethod = "tiller/compareChoices";

export interface CompareChoicesParams {
  /** Of the prompt that is compared. */
  readonly uri: string;
  /** Absolute paths. */
  readonly table?: string;
  readonly judge?: string;
}

/** Problems are in words that follow the file's name and "cannot be read: ", or "cannot judge: ". */
export interface CompareChoices {
  /** Without either, it is too large to be counted beforehand. */
  readonly table?: { readonly rows?: number; readonly problem?: string };
  readonly judge?: { readonly problem?: string };
}
