/** Items that are added to a list of the front matter. Nothing else of the file changes. */

import { Document, isMap, isPair, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";

import type { Json, JsonObject } from "../base/json.js";
import { span } from "../base/text.js";
import type { FrontMatter, PromptFile } from "./ast.js";
import { applyEdits, type TextEdit } from "./edit.js";
import { readFrontMatter } from "./frontMatter.js";

/** All that an edit of the front matter must know: the body is not parsed for it. */
export type FrontMatterText = Pick<PromptFile, "text" | "frontMatter">;

/**
 * The edit after which the list `key` of the file ends with `items`; the list, and the front matter, may be missing. Undefined
 * where the front matter is written in a way that is not known here, has errors, or has something else than a list there.
 */
export function appendItems(file: FrontMatterText, key: string, items: readonly Json[]): TextEdit | undefined {
  const { text, frontMatter } = file;
  if (frontMatter === undefined) {
    const at = text.startsWith("\uFEFF") ? 1 : 0;
    const yaml = `---\n${key}:\n${blockItems(items, 2)}---\n`;
    return { span: span(at, at), text: withBreaksOf(text, yaml) };
  }
  const value = frontMatter.value[key] ?? [];
  if (0 < frontMatter.document.errors.length || !Array.isArray(value)) return undefined;
  const { yamlSpan } = frontMatter;
  const found = insertion(frontMatter, text.slice(yamlSpan.start, yamlSpan.end), key, items);
  if (found === undefined) return undefined;
  const at = yamlSpan.start + found.at;
  const edit = { span: span(at, at), text: withBreaksOf(text, found.text) };
  return says(file, edit, { ...frontMatter.value, [key]: [...(value as readonly Json[]), ...items] })
    ? edit
    : undefined;
}

/** Whether the front matter, after the edit, says just this: YAML has more ways to write things than are known here. */
export function says({ text, frontMatter }: FrontMatterText, edit: TextEdit, wanted: JsonObject): boolean {
  const after = readFrontMatter(applyEdits(text, [edit]));
  const end = (frontMatter?.span.end ?? 0) + edit.text.length - (edit.span.end - edit.span.start);
  return (
    after.frontMatter?.span.end === end &&
    after.diagnostics.length === 0 &&
    JSON.stringify(after.frontMatter.value) === JSON.stringify(wanted)
  );
}

export function withBreaksOf(text: string, yaml: string): string {
  return yaml.replaceAll("\n", text.includes("\r\n") ? "\r\n" : "\n");
}

// ------------------------------------------------------------------------------------------------ the place

interface Insertion {
  /** In the YAML. */
  readonly at: number;
  readonly text: string;
}

function insertion(
  { document }: FrontMatter,
  source: string,
  key: string,
  items: readonly Json[],
): Insertion | undefined {
  const root = document.contents as Node | null;
  const list = document.getIn([key], true) as Node | null | undefined;
  if (isSeq(list)) return list.flow === true ? inFlow(list, flowItems(items)) : behindItems(list, source, items);
  if (isMap(root) && root.flow === true) return inFlow(root, `"${key}": [${flowItems(items)}]`);
  const indent = root?.range ? columnOf(source, root.range[0]) : 0;
  const block = blockItems(items, indent + 2);
  // A key without a value: it was just typed.
  const pair = isMap(root) ? root.items.find((it) => String(it.key) === key) : undefined;
  const { range } = (pair?.key ?? {}) as Partial<Node>;
  if (range) return onNextLine(source, range[1], block);
  return onNextLine(source, source.length, `${" ".repeat(indent)}${key}:\n${block}`);
}

function behindItems(list: YAMLSeq, source: string, items: readonly Json[]): Insertion | undefined {
  if (!list.range) return undefined;
  return onNextLine(source, list.range[1], blockItems(items, columnOf(source, list.range[0])));
}

/** Behind the comment that may stand in the line of `at`; at `at` itself where a line begins there. */
function onNextLine(source: string, at: number, text: string): Insertion {
  if (at === 0 || source[at - 1] === "\n") return { at, text };
  const end = source.indexOf("\n", at);
  return end < 0 ? { at: source.length, text: `\n${text}` } : { at: end + 1, text };
}

/** Right behind the last item, so that a comma or a comment after it stays where it is. */
function inFlow({ items, range }: YAMLMap | YAMLSeq, text: string): Insertion | undefined {
  if (!range) return undefined;
  const last = items.at(-1);
  if (last === undefined) return { at: range[0] + 1, text };
  const end = (isPair(last) ? (last.value ?? last.key) : last) as Node | null;
  return end?.range ? { at: end.range[1], text: `, ${text}` } : undefined;
}

export function columnOf(source: string, at: number): number {
  return at - (source.lastIndexOf("\n", at - 1) + 1);
}

// ------------------------------------------------------------------------------------------------ the text

function blockItems(items: readonly Json[], indent: number): string {
  const yaml = new Document(items, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 });
  return yaml.replace(/^(?=.)/gm, " ".repeat(indent));
}

function flowItems(items: readonly Json[]): string {
  return items.map((it) => JSON.stringify(it)).join(", ");
}
