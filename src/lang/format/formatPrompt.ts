/**
 * Puts a prompt into one form: the YAML as its package prints it, and inside of tags one space where there are several. The
 * body's text is what a model reads, so nothing outside of tags is ever changed. What is not well formed is left alone.
 */

import type { PromptFile } from "../ast.js";
import { applyEdits, type TextEdit } from "../editor/edit.js";
import { parseBody } from "../parser.js";
import { formatTags } from "./formatTags.js";
import { formatYaml } from "./formatYaml.js";

/** Few and small, so that cursors and undo stay where they are. Empty for a file that is in form. */
export function formatEdits(file: PromptFile): readonly TextEdit[] {
  const { frontMatter, body, text, dialect } = file;
  if (dialect.kind === "other") return [];
  const yaml = frontMatter === undefined ? undefined : formatYaml(text, frontMatter);
  return [...(yaml === undefined ? [] : [yaml]), ...(body.complete ? safeTags(file) : [])];
}

/** The edits of tags, unless the template would mean something else: then none. */
function safeTags({ text, body: { span } }: PromptFile): readonly TextEdit[] {
  const source = text.slice(span.start, span.end);
  const edits = formatTags(source);
  if (edits.length === 0 || meaning(applyEdits(source, edits)) !== meaning(source)) return [];
  return edits.map((it) => ({ ...it, span: { start: it.span.start + span.start, end: it.span.end + span.start } }));
}

/** The tree that the renderer sees, without places. */
function meaning(template: string): string | undefined {
  const { program } = parseBody(template, { start: 0, end: template.length }).body;
  return program && JSON.stringify(program, (key, value: unknown) => (key === "loc" ? undefined : value));
}
