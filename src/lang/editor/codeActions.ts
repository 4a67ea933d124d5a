/** Mends for what is wrong, and rewrites that keep the meaning. */

import { isMap } from "yaml";

import { span, type Span } from "../../base/text.js";
import type { PromptFile } from "../ast.js";
import type { Diagnostic } from "../diagnostic.js";
import { makePortable, useShortForms } from "./portability.js";
import { useAsShot } from "./shotAction.js";
import type { TextEdit } from "../edit.js";

export interface CodeAction {
  readonly title: string;
  readonly kind: "quickfix" | "refactor";
  readonly edits: readonly TextEdit[];
  /** A file that is made beside this one, by the name of the partial. */
  readonly newPartial?: string;
  /** The problem that it solves. */
  readonly solves?: Diagnostic;
  /** It is most likely what the author wants. */
  readonly preferred?: boolean;
}

/** For the diagnostics that touch `where`, and for the place itself. */
export function codeActions(
  file: PromptFile,
  diagnostics: readonly Diagnostic[],
  where: Span,
  kind: "prompt" | "partial" = "prompt",
): readonly CodeAction[] {
  const touching = diagnostics.filter(
    (it) => it.partial === undefined && it.span.start <= where.end && where.start <= it.span.end,
  );
  const mended = touching.flatMap((it) => mends(file, it));
  // All of a partial's text is sent: it has no front matter for a shot, or for the settings of a hole.
  if (kind === "partial") return mended;
  const shot = useAsShot(file, where);
  return [...mended, ...(shot === undefined ? [] : [{ ...shot, kind: "refactor" } as const]), ...rewrites(file)];
}

function mends(file: PromptFile, diagnostic: Diagnostic): readonly CodeAction[] {
  const { code, message, span: where } = diagnostic;
  const found: CodeAction[] = [];
  const meant = /did you mean "([^"]+)"\?/.exec(message)?.[1];
  if (meant !== undefined) {
    const wrong = /called "([^"]+)"/.exec(message)?.[1] ?? "";
    const at = file.text.slice(where.start, where.end).indexOf(wrong);
    const target = at < 0 ? where : span(where.start + at, where.start + at + wrong.length);
    found.push({
      title: `Change to "${meant}"`,
      kind: "quickfix",
      edits: [{ span: target, text: meant }],
      solves: diagnostic,
      preferred: true,
    });
  }
  if (code === "undefined-variable") {
    const name = /called "([^"]+)"/.exec(message)?.[1];
    const edit = name === undefined ? undefined : declaration(file, name);
    if (edit !== undefined)
      found.push({ title: `Declare "${name!}" as a text`, kind: "quickfix", edits: [edit], solves: diagnostic });
  }
  if (code === "missing-partial") {
    const name = /\{\{#?~?>\s*["']?([\w/-]+)/.exec(file.text.slice(Math.max(0, where.start - 8), where.end + 1))?.[1];
    if (name !== undefined)
      found.push({
        title: `Create the partial "${name}"`,
        kind: "quickfix",
        edits: [],
        newPartial: name,
        solves: diagnostic,
      });
  }
  if (code === "unused-variable") {
    const line = lineOf(file.text, where.start);
    found.push({
      title: "Remove the variable",
      kind: "quickfix",
      edits: [{ span: line, text: "" }],
      solves: diagnostic,
    });
  }
  return found;
}

/** A line behind the last variable of `input.schema`. */
function declaration({ text, frontMatter }: PromptFile, name: string): TextEdit | undefined {
  if (frontMatter === undefined) return undefined;
  const { document, yamlSpan } = frontMatter;
  const properties = document.getIn(["input", "schema", "properties"], true);
  const schema = isMap(properties) ? properties : document.getIn(["input", "schema"], true);
  if (!isMap(schema) || schema.items.length === 0) return undefined;
  const value = isMap(properties) ? "{ type: string }" : "string";
  const last = schema.items.at(-1)!;
  const keyStart = yamlSpan.start + ((last.key as { readonly range?: readonly number[] }).range?.[0] ?? 0);
  if (schema.flow === true) {
    const end = yamlSpan.start + ((last.value as { readonly range?: readonly number[] } | null)?.range?.[1] ?? 0);
    return { span: span(end, end), text: `, ${name}: ${value}` };
  }
  const lineStart = text.lastIndexOf("\n", keyStart - 1) + 1;
  const end = yamlSpan.start + (schema.range?.[1] ?? 0);
  const at = text.slice(lineStart, end).trimEnd().length + lineStart;
  return { span: span(at, at), text: `\n${" ".repeat(keyStart - lineStart)}${name}: ${value}` };
}

function lineOf(text: string, offset: number): Span {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  return span(start, end < 0 ? text.length : end + 1);
}

function rewrites(file: PromptFile): readonly CodeAction[] {
  const portable = makePortable(file);
  const short = useShortForms(file);
  return [
    ...(portable === undefined ? [] : [{ title: "Make Portable", kind: "refactor", edits: portable } as const]),
    ...(short === undefined ? [] : [{ title: "Use Short Forms", kind: "refactor", edits: short } as const]),
  ];
}
