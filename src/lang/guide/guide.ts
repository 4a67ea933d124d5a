/** What a user asks of a text beside the text itself: its tone, its length, its form, and how strongly. */

import type { ConstraintSpec, TextLimits } from "../../protocol/constraint.js";

export interface Guide {
  /** In words: a preset's, or the user's own. Undefined: the tone of what stands there. */
  readonly tone?: string;
  readonly length?: Length;
  readonly form?: Form;
  /** How much the tone is emphasised: 1 says it once in the prompt, more costs a second reading of each token. */
  readonly strength?: number;
  readonly adapter?: GuideAdapter;
}

export interface GuideAdapter {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

export type Length = (typeof lengths)[number]["id"];
export type Form =
  { readonly kind: (typeof forms)[number]["id"] } | { readonly kind: "regex"; readonly source: string };

/** Presets that are kept by a constraint; those the model is only told are in presets.ts. */
export const lengths = [
  { id: "phrase", name: "A few words", limits: { words: { min: 1, max: 8 } } },
  { id: "sentence", name: "One sentence", limits: { sentences: { min: 1, max: 1 } } },
  { id: "paragraph", name: "Two to four sentences", limits: { sentences: { min: 2, max: 4 } } },
] as const satisfies readonly { readonly id: string; readonly name: string; readonly limits: TextLimits }[];

export const forms = [
  { id: "line", name: "One line" },
  { id: "list", name: "A list of two to six points" },
  { id: "number", name: "A number" },
  { id: "json", name: "JSON" },
] as const satisfies readonly { readonly id: string; readonly name: string }[];

const LIST = "\\n?(?:- [^\\n]{3,120}\\n){1,5}- [^\\n]{3,120}";
const NUMBER = " ?-?[0-9]{1,9}(?:\\.[0-9]{1,4})?";

/** A form of its own; the others are text, which can have a length. */
export function hasOwnLength(form: Form | undefined): boolean {
  return form !== undefined && form.kind !== "line";
}

export interface GuideLimits {
  readonly constraint?: ConstraintSpec;
  readonly stop?: readonly string[];
}

/** What the guide makes sure of, whatever the model would like. */
export function limitsOf({ length, form }: Guide): GuideLimits {
  switch (form?.kind) {
    case "regex":
      return { constraint: { kind: "regex", source: form.source } };
    case "list":
      return { constraint: { kind: "regex", source: LIST } };
    case "number":
      return { constraint: { kind: "regex", source: NUMBER } };
    case "json":
      return { constraint: { kind: "json", schema: { type: ["object", "array"] }, spaces: true } };
    case "line":
    case undefined:
      return textLimits(length, form?.kind === "line");
    default:
      return form satisfies never;
  }
}

function textLimits(length: Length | undefined, isLine: boolean): GuideLimits {
  const limits: TextLimits | undefined = lengths.find((it) => it.id === length)?.limits;
  if (limits === undefined) return isLine ? { stop: ["\n"] } : {};
  const stop = isLine ? ["\n"] : [];
  const avoid = isLine ? { avoid: ["\n"] } : {};
  const text: ConstraintSpec = { kind: "all", items: [{ kind: "text", limits: { ...limits, ...avoid } }], stop };
  return { constraint: text, ...(isLine && { stop }) };
}
