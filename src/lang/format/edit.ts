/** Changes of a text as an editor wants them: places and what stands there afterwards, so that cursors and undo survive. */

import type { Span } from "../../base/text.js";

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** The edits lie in the order of the text and do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let at = 0;
  let changed = "";
  for (const edit of edits) {
    changed += text.slice(at, edit.span.start) + edit.text;
    at = edit.span.end;
  }
  return changed + text.slice(at);
}
