/** What could be written at a place. */

import type { Span } from "../../base/text.js";
import type { PromptFile } from "../ast.js";
import { templateCompletions } from "./templateCompletion.js";
import { templatePlace } from "./templatePlace.js";
import { yamlCompletions } from "./yamlCompletion.js";
import { yamlPlace } from "./yamlPlace.js";

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
  readonly models: readonly string[];
  readonly adapters: readonly string[];
}

export const nothingAround: Surroundings = { partials: [], models: [], adapters: [] };

/** Unsorted, and not filtered by what was typed so far: the editor does that. */
export function completions(file: PromptFile, offset: number, around: Surroundings): readonly Completion[] {
  const { frontMatter, text, body } = file;
  if (frontMatter !== undefined && offset <= frontMatter.yamlSpan.end) {
    const place = yamlPlace(text, frontMatter.yamlSpan, offset);
    return place === undefined ? [] : yamlCompletions(place, around);
  }
  const place = templatePlace(text, body.span.start, offset);
  return place === undefined ? [] : templateCompletions(file, offset, place, around);
}

/** Text that a snippet writes as it is. */
export function literalSnippet(text: string): string {
  return text.replace(/[\\$}]/g, "\\$&");
}
