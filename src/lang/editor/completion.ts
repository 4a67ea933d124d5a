/** What could be written at a place. */

import type { PromptFile } from "../ast.js";
import type { Completion, Surroundings } from "./completionItem.js";
import { templateCompletions } from "./templateCompletion.js";
import { templatePlace } from "./templatePlace.js";
import { yamlCompletions } from "./yamlCompletion.js";
import { yamlPlace } from "./yamlPlace.js";

/** Unsorted, and not filtered by what was typed so far: the editor does that. */
export function completions(file: PromptFile, offset: number, around: Surroundings): readonly Completion[] {
  const { frontMatter, text, body } = file;
  if (frontMatter !== undefined && offset <= frontMatter.yamlSpan.end) {
    const place = yamlPlace(text, frontMatter.yamlSpan, offset);
    return place === undefined ? [] : yamlCompletions(file, place, around);
  }
  const place = templatePlace(text, body.span.start, offset);
  return place === undefined ? [] : templateCompletions(file, offset, place, around);
}
