/** Changes of a text, as an editor applies them: all at once, each where it was before the others. */

import type { Span } from "../../base/text.js";

export interface TextEdit {
  readonly span: Span;
  readonly text: string;
}

export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return [...edits]
    .sort((a, b) => b.span.start - a.span.start)
    .reduce((all, it) => all.slice(0, it.span.start) + it.text + all.slice(it.span.end), text);
}
