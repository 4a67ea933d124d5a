/** The checks that a test can make, and what each compares with: the reader, the hover and the runner go by this table. */

export interface AssertionKind {
  readonly type: string;
  /** What its `value` must be. */
  readonly value: "none" | "any" | "text" | "regex" | "count" | "object";
  readonly doc: string;
}

export const assertionTypes = [
  { type: "contains", value: "text", doc: "The text has this in it." },
  { type: "not-contains", value: "text", doc: "The text does not have this in it." },
  { type: "equals", value: "any", doc: "It is exactly this; a text is compared without white space around it." },
  { type: "regex", value: "regex", doc: "Some part of the text matches." },
  { type: "starts-with", value: "text", doc: "The text begins with this." },
  { type: "ends-with", value: "text", doc: "The text ends with this." },
  { type: "json-valid", value: "none", doc: "It is JSON, and fits `output.schema` where there is one." },
  { type: "min-words", value: "count", doc: "At least so many words." },
  { type: "max-words", value: "count", doc: "At most so many words." },
  { type: "min-chars", value: "count", doc: "At least so many characters." },
  { type: "max-chars", value: "count", doc: "At most so many characters." },
  {
    type: "preset",
    value: "object",
    doc: "Presets are met: {tone, audience, language}; `threshold` is the least score.",
  },
  {
    type: "similarity",
    value: "text",
    doc: "Near to this text: 1 less the edits by character over the longer one's length; `threshold` is the least, 0.8 by default.",
  },
] as const satisfies readonly AssertionKind[];
