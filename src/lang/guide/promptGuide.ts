/** What a prompt says of how its text is steered, read and checked (readGuide.ts reads it). */

import type { TextLimits } from "../../protocol/constraint.js";
import type { AdapterEntry } from "../adapters.js";

export interface PromptGuide {
  /** A preset's id, or words. */
  readonly tone?: string;
  readonly audience?: string;
  /** A code or a name, as it was written. */
  readonly language?: string;
  /** Told and measured, and not enforced. */
  readonly wished: TextLimits;
  /** Enforced in every hole of free text. */
  readonly limits: TextLimits;
  /** How several readings of each token are combined; undefined: there is one. */
  readonly guidance?: GuideGuidance;
  readonly emphasize: Emphasis;
  /** Told in the second reading. */
  readonly negative?: string;
  readonly bias: Readonly<Record<string, number>>;
  /** Control vectors, as adapters. */
  readonly vectors: readonly AdapterEntry[];
  readonly bestOf?: BestOf;
}

/** Names of variables that the second reading has empty; undefined: what the guide tells, or else the instructions. */
export type Emphasis = "instructions" | readonly string[] | undefined;

export type GuideGuidance =
  | { readonly kind: "classifier-free"; readonly strength: number; readonly plausibility?: number }
  | {
      readonly kind: "contrastive";
      readonly amateur: { readonly layers: number } | { readonly model: string };
      readonly strength?: number;
      readonly plausibility?: number;
    }
  | {
      readonly kind: "experts";
      readonly expert?: readonly AdapterEntry[];
      readonly antiExpert?: readonly AdapterEntry[];
      readonly strength: number;
    };

export interface BestOf {
  readonly n: number;
  readonly by?: "presets" | "likelihood";
}

/** Something is asked of the text itself, and can be measured. */
export function asksOfText({ tone, audience, language, wished, limits }: PromptGuide): boolean {
  const keys = [...Object.keys(wished), ...Object.keys(limits)];
  return 0 < keys.length || [tone, audience, language].some((it) => it !== undefined);
}
