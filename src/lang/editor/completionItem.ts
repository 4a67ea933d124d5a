/** An offer of something to write, and what offers are made from. */

import type { Span } from "../../base/text.js";

export interface Completion {
  readonly label: string;
  readonly kind:
    "key" | "value" | "variable" | "field" | "helper" | "partial" | "role" | "hole" | "data" | "snippet" | "file";
  /** Its type, in a few words. */
  readonly detail?: string;
  /** Markdown. */
  readonly doc?: string;
  /** What is written in place of `span`, in the syntax of snippets (`$1`, `${1:name}`). */
  readonly insert: string;
  readonly span: Span;
  /** Lower comes first; default 5. */
  readonly rank?: number;
}

/** What lies around the file. */
export interface Surroundings {
  /** Names of the partials that the file can use. */
  readonly partials: readonly string[];
  /** Models that exist, by name or path. */
  readonly models: readonly Offer[];
  readonly adapters: readonly Offer[];
}

export interface Offer {
  readonly name: string;
  readonly detail?: string;
}

/** Text that a snippet writes as it is. */
export function literalSnippet(text: string): string {
  return text.replace(/[\\$}]/g, "\\$&");
}
