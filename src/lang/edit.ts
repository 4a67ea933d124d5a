/** Changes of a text as an editor wants them: places and what stands there afterwards, so that cursors and undo survive. */

import type { Span } from "../base/text.js";

export interface TextEdit {
  readonly span: Span;
  readonly text: string;
}

/** All at once, each where it was before the others; they do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let at = 0;
  let changed = "";
  for (const edit of [...edits].sort((a, b) => a.span.start - b.span.start)) {
    changed += text.slice(at, edit.span.start) + edit.text;
    at = edit.span.end;
  }
  return changed + text.slice(at);
}
